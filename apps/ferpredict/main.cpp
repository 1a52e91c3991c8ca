#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "arguments.hpp"
#include "common/exit_codes.hpp"
#include "common/named_model.hpp"
#include "face_arguments.hpp"
#include "heap.hpp"
#include "live/follow.hpp"
#include "measure.hpp"
#include "measure_faces.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "model_tasks.hpp"
#include "models.hpp"
#include "predict.hpp"
#include "sandbox/sandbox.hpp"

namespace ferpredict {
namespace {

std::vector<std::string> model_files(const std::vector<std::string>& words) {
  if (words.empty()) return {apps::default_model_file(std::getenv("MIEN_MODEL"))};
  std::vector<std::string> files;
  for (const std::string& word : words) files.push_back(apps::model_file(word));
  return files;
}

void print_info(const std::vector<Model>& models) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (i > 0) std::printf("\n");
    print_model_info(models[i]);
  }
}

int exit_code(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return apps::kOk;
    case Outcome::unreadable:
      return apps::kBadData;
    case Outcome::no_face:
      return apps::kNoFace;
  }
  return apps::kOk;
}

int read_pictures(const Arguments& a, const std::vector<Model>& models) {
  std::optional<sandbox::Sandbox> sandbox;
  if (a.sandbox) sandbox.emplace();
  PictureDecoder& decoder = sandbox ? *sandbox : plain_decoder();
  if (!a.live.given()) return exit_code(predict_images(a, models, decoder));
  return live::follow(a, models, decoder) ? apps::kOk : apps::kBadData;
}

int run(const Arguments& a) {
  mien::set_thread_count(a.threads);
  if (!a.import_onnx.empty()) {
    import_onnx(a);
    return apps::kOk;
  }
  if (!a.face_manifest.empty()) {
    measure_faces(a);
    return apps::kOk;
  }
  const std::vector<Model> models =
      read_models(model_files(a.models), a.model_info ? mien::model::kNoModelLimits : a.faces.reader.limits);
  if (a.model_info) {
    print_info(models);
  } else if (!a.convert.empty()) {
    convert(a, models[0]);
  } else if (!a.export_onnx.empty()) {
    export_onnx(a, models[0]);
  } else if (!a.calibrate.empty()) {
    calibrate(a, models[0]);
  } else if (!a.csv.empty()) {
    measure(a, models);
  } else {
    return read_pictures(a, models);
  }
  return apps::kOk;
}

}  // namespace
}  // namespace ferpredict

int main(int argc, char** argv) {
  namespace sandbox = ferpredict::sandbox;
  ferpredict::set_up_heap();
  if (argc == 2 && std::string_view(argv[1]) == sandbox::kServeWord && sandbox::stdin_is_channel()) {
    sandbox::serve(STDIN_FILENO, sandbox::decode_picture);
  }
  return apps::guarded([&] {
    const auto parsed = ferpredict::parse(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    try {
      return ferpredict::run(std::get<ferpredict::Arguments>(parsed));
    } catch (const mien::reader::NoCascadeError& error) {
      throw mien::DataError(std::string(error.what()) + ferpredict::kCascadeAdvice);
    }
  });
}
