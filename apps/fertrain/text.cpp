#include "text.hpp"

#include "common/exit_codes.hpp"

namespace fertrain {
namespace {

std::vector<apps::OptionGroup> groups() {
  return {
      {"Data",
       {"--csv", "--data", "--faces", "--labels", "--classes", "--size", "--channels", "--drop-leaks",
        "--allow-absent-classes"}},
      {"Network", {"--preset", "--model", "--recipe", "--start", "--init", "--dropout"}},
      {"Length of the run",
       {"--epochs", "--steps", "--time-limit", "--patience", "--eval-every", "--on-checkpoint-error"}},
      {"Run",
       {"--out", "--resume", "--compare", "--config", "--threads", "--parts", "--shard-dense", "--seed",
        "--onnx", "--dry-run", "--quiet"}},
      {"Learning",
       {"--batch", "--optimizer", "--lr", "--schedule", "--warmup", "--drop-every", "--drop-factor",
        "--plateau-patience", "--momentum", "--weight-decay", "--loss", "--label-smoothing", "--class-weights",
        "--average", "--guard", "--precision", "--moments"}},
      {"Preparation of images, and their changes",
       {"--per-image",  "--per-pixel",     "--mirror",   "--shift", "--rotate", "--scale",    "--crop",
        "--brightness", "--channel-shift", "--contrast", "--gamma", "--blur",   "--shrink",   "--noise",
        "--jpeg",       "--degrade",       "--erase",    "--mixup", "--cutmix", "--mix-until"}},
      {"Learning from other models",
       {"--teacher", "--distill-weight", "--distill-temperature", "--teacher-views"}},
      {"General", {"--help", "--version"}},
  };
}

}  // namespace

apps::ProgramText program_text() {
  return {
      .name = "fertrain",
      .summary = "trains a network that reads facial expressions",
      .description =
          "Trains a network that reads facial expressions, on FER2013, or one that tells pictures of any "
          "classes apart, and writes its weights, a report and curves into a folder of the run.",
      .synopsis = "{--csv PATH|--data PATH|--faces FILE|--resume DIR|--compare RUN RUN...} [OPTION]...",
      .groups = groups(),
      .examples = {{"fertrain --csv fer2013.csv --out runs/paper", "the paper's network, ten epochs"},
                   {"fertrain --csv fer2013.csv --preset small --out runs/small",
                    "a small network, better and a hundredth of the size"},
                   {"fertrain --csv fer2013.csv --preset small --time-limit 2h --out runs/longer",
                    "the same for two hours"},
                   {"fertrain --data pets --preset few --out runs/pets",
                    "tells few pictures of any classes apart: pets/cat/*.jpg, pets/dog/*.jpg"},
                   {"fertrain --compare runs/small runs/longer", "draws both runs into one picture"},
                   {"fertrain --csv fer2013.csv --model mine.spec --dry-run",
                    "checks data and a network of one's own, and shows its layers"},
                   {"fertrain --resume runs/small --epochs 60",
                    "goes on until it has seen the data sixty times"},
                   {"ferpredict --model runs/small photo.jpg", "reads a photo with the weights"}},
      .exit_codes =
          {{apps::kOk, "done"},
           {apps::kUsage, "wrong usage"},
           {apps::kBadData, "a file that cannot be read, understood or written"},
           {apps::kDiverged,
            "the loss, a gradient, a weight, a running statistic or an output stopped being finite, or a "
            "gradient's norm went beyond 1e18"},
           {apps::kInterrupted, "interrupted (a checkpoint is written; --resume continues)"}},
      .environment = {{"MIEN_ISA", "The instruction set to use: base, avx2, avx512, avx512bf16 or amx."},
                      {"MIEN_MODELS",
                       "A folder to look into first for the models that come along (--start, --teacher)."},
                      {"MIEN_VERBOSE", "1: print every kernel call with its shape and time."}},
      .see_also = "ferpredict",
  };
}

}  // namespace fertrain
