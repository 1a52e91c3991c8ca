#include "text.hpp"

#include "common/exit_codes.hpp"

namespace ferpredict {
namespace {

std::vector<apps::OptionGroup> groups() {
  return {
      {"Images", {"images", "--model", "--tta", "--threads", "--max-operations", "--sandbox"}},
      {"Output",
       {"--text", "--json", "--csv-out", "--top", "--lang", "--emoticons", "--emoticon-style", "--draw",
        "--draw-points", "--html"}},
      {"Faces",
       {"--detector", "--min-face", "--face-model", "--point-model", "--min-score", "--face-crop", "--cascade",
        "--scale-factor", "--min-neighbors", "--face-margin"}},
      {"Cameras and streams, a line of JSON a frame",
       {"--camera", "--frames", "--frame-format", "--frame-size", "--frame-rate", "--smooth", "--hold"}},
      {"Measuring",
       {"--csv", "--data", "--faces", "--usage", "--classes", "--degrade", "--report", "--calibrate"}},
      {"Models",
       {"--model-info", "--convert", "--dtype", "--export-onnx", "--onnx-plain", "--import-onnx", "--labels",
        "--pixel-scale", "--note"}},
      {"General", {"--help", "--version"}},
  };
}

}  // namespace

apps::ProgramText program_text() {
  return {
      .name = "ferpredict",
      .summary = "reads the expressions of faces",
      .description =
          "Finds the faces in photos, streams or before a camera, reads their expressions, and offers "
          "matching emoticons. Also measures, converts and calibrates models.",
      .synopsis = "[OPTION]... PATH...",
      .groups = groups(),
      .examples = {{"ferpredict photo.jpg", "reads a photo by the small network that comes along"},
                   {"ferpredict --model large --json photos/ > faces.json", "all images of a folder, as JSON"},
                   {"ferpredict --draw out.png photo.jpg", "draws what was read into a copy"},
                   {"ferpredict --camera /dev/video0", "a line of JSON for each frame"},
                   {"ferpredict --model runs/small --csv fer2013.csv --usage PublicTest", "measures a network"},
                   {"ferpredict --model runs/small --export-onnx small.onnx", "for other runtimes"}},
      .exit_codes =
          {{apps::kOk, "done"},
           {apps::kUsage, "wrong usage"},
           {apps::kBadData,
            "a file that cannot be read, understood or written (the other images are still predicted)"},
           {apps::kNoFace, "no face in the one image given"}},
      .environment = {{"MIEN_MODEL", "The model that is taken where --model is not given."},
                      {"MIEN_MODELS", "A folder to look into first for the models that come along."},
                      {"MIEN_CASCADE", "The cascade that is taken where --cascade is not given."},
                      {"MIEN_ISA", "The instruction set to use: base, avx2, avx512, avx512bf16 or amx."}},
      .see_also = "fertrain",
  };
}

}  // namespace ferpredict
