// ferbench: how fast training steps, predictions, single operations and the CSV reader are here.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "bench.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"

namespace {

using mien::bench::Options;

CLI::App* add(CLI::App& app, Options& options, const char* name, const char* what,
              void (*run)(const Options&)) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("--threads", options.threads, "Worker threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024));
  command->add_option("--runs", options.runs, "Timed rounds")->check(CLI::Range(1, 1000000));
  command->add_flag("--json", options.json, "Print one JSON object");
  command->callback([&options, run] {
    mien::set_thread_count(options.threads);
    run(options);
  });
  return command;
}

CLI::Option* add_model(CLI::App* command, Options& options) {
  command->add_option("--batch", options.batch, "Images at once")->check(CLI::Range(1, 100000));
  return command->add_option("--model", options.model, "paper, small, or a spec file")->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Measures how fast mien is on this machine."};
  app.require_subcommand(1);
  CLI::App* step = add(app, options, "step", "Training steps on random images", mien::bench::run_step);
  add_model(step, options);
  step->add_option("--precision", options.precision, "Of dense layers' products: f32 or bf16");
  step->add_option("--moments", options.moments, "Of Adam: f32 or bf16");
  CLI::App* predict = add(app, options, "predict", "Predictions of random images", mien::bench::run_predict);
  CLI::Option* model = add_model(predict, options);
  predict->add_option("--weights", options.weights, "A trained model, instead of --model with random weights")
      ->excludes(model)
      ->check(CLI::ExistingFile);
  predict->add_option("--csv", options.file, "Predict the first images of a FER2013 file, not random ones")
      ->check(CLI::ExistingFile);
  predict->add_option("--dtype", options.dtype, "Convert the weights first")
      ->check(CLI::IsMember({"f32", "bf16", "int8"}));
  add_model(
      add(app, options, "roofline", "Where a training step's time goes, beside the least it can take here",
          mien::bench::run_roofline),
      options);
  CLI::App* ops =
      add(app, options, "ops", "Single operations, beside the machine's peak", mien::bench::run_ops);
  ops->add_option("--batch", options.batch, "Images at once")->check(CLI::Range(1, 100000));
  CLI::App* csv = add(app, options, "csv", "Reading fer2013.csv", mien::bench::run_csv);
  csv->add_option("file", options.file, "The file")->required()->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const mien::ArgumentError& error) {
    std::fprintf(stderr, "ferbench: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ferbench: %s\n", error.what());
    return 3;
  }
}
