#include "model_tasks.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/exit_codes.hpp"
#include "common/run_notes.hpp"
#include "common/same_file.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/describe.hpp"
#include "mien/model/encoding.hpp"
#include "mien/model/onnx.hpp"

namespace ferpredict {
namespace {

// "f32", "int8", or several where matrices and filters differ.
std::string dtypes(const mien::model::ModelFile& model) {
  std::string text;
  for (const mien::model::Weight& weight : model.weights) {
    if (weight.shape().rank() < 2) continue;
    const std::string name(mien::model::to_string(weight.encoded.encoding));
    if (text.find(name) == std::string::npos) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

std::string digests(const mien::model::SafetensorsFile& file) {
  if (!file.has_digests()) return "none: unverified";
  return "of the header and " + std::to_string(file.tensors().size()) + " tensors, verified";
}

std::string number(float value) {
  return mien::format_number(mien::shortest_decimal(value));
}

// Says which file was written, how large it is, and from which model. On stderr: stdout may be that file.
void announce(const std::string& file, const std::string& source) {
  std::error_code none;  // a pipe has no size
  const auto bytes = std::filesystem::file_size(file, none);
  const std::string size = none ? "" : std::to_string((bytes + 500) / 1000) + " kB, ";
  apps::print_error(file + ": " + size + "from " + source);
}

void print_notes(const mien::model::Metadata& notes) {
  std::size_t widest = 0;
  for (const auto& [key, value] : notes) {
    if (key != kCheckpointNote) widest = std::max(widest, mien::printable(key).size());
  }
  for (const auto& [key, value] : notes) {
    if (key == kCheckpointNote) continue;
    std::printf("%-*s  %s\n", static_cast<int>(widest), mien::printable(key).c_str(),
                mien::printable(value).c_str());
  }
  if (widest > 0) std::printf("\n");
}

}  // namespace

void print_model_info(const Model& model) {
  const mien::model::ModelFile& file = model.file;
  model.source->verify();  // a checkpoint's other tensors, too
  std::printf("model   %s\nfile    %s\nsha256  %s\ndigests %s\ndtype   %s\n",
              mien::printable(file.name).c_str(), mien::printable(model.path).c_str(),
              sha256_hex(model).c_str(), digests(*model.source).c_str(), dtypes(file).c_str());
  if (file.face_grid) {
    std::printf("finds faces %s\n\n", mien::to_json(mien::model::to_json(*file.face_grid)).c_str());
  } else {
    std::printf("labels  %s\ntemperature %s\nface margin %s\nface crop %s\n\n",
                mien::printable(mien::join(file.labels, ", ")).c_str(), number(file.temperature).c_str(),
                number(file.face_margin).c_str(), number(file.face_crop).c_str());
  }
  print_notes(file.notes);
  std::printf("%s", mien::model::describe(file.spec).c_str());
}

void refuse_to_replace(const std::vector<Model>& models, const Arguments& a, const std::string& option,
                       const std::string& file) {
  for (const Model& model : models) {
    if (!apps::same_file(file, model.path)) continue;
    throw mien::ArgumentError(option + " " + file +
                              " would replace the model it comes from; name another file");
  }
  if (!a.csv.empty() && (apps::same_file(file, a.csv) || apps::exists_in(file, a.csv))) {
    throw mien::ArgumentError(option + " " + file + " would replace the rows it comes from; name another file");
  }
}

void refuse_other_format(const std::string& option, const std::string& file, const std::string& format) {
  constexpr std::string_view kFormats[] = {".safetensors", ".onnx", ".pt",     ".pth",  ".pb",  ".h5",
                                           ".keras",       ".npz",  ".tflite", ".json", ".csv", ".spec"};
  const std::string ending = mien::lower(std::filesystem::path(file).extension().string());
  const bool named = std::find(std::begin(kFormats), std::end(kFormats), ending) != std::end(kFormats);
  if (!named || ending == "." + format) return;
  throw mien::ArgumentError(option + " " + file + ": this option writes " + format +
                            "; --convert, --calibrate and --import-onnx write .safetensors, --export-onnx "
                            "writes .onnx");
}

void write_changed(const Arguments& a, mien::model::ModelFile model, const std::string& file) {
  if (model.sample_input.defined()) {
    model.sample_output = mien::Tensor();  // not to be compared with
    model.sample_output = mien::infer::Session(model).sample_output(model.sample_input);
  }
  if (a.faces.reader.min_score && !model.face_grid) {
    throw mien::ArgumentError("--min-score is stored with networks that find faces, and " + model.name +
                              " reads them");
  }
  if (a.faces.reader.min_score) {
    model.face_grid->min_score = static_cast<float>(*a.faces.reader.min_score);
  }
  if (a.faces.reader.crop) model.face_crop = static_cast<float>(*a.faces.reader.crop);
  if (a.faces.reader.margin) model.face_margin = static_cast<float>(*a.faces.reader.margin);
  model.notes.erase(kCheckpointNote);  // of tensors that are not written
  for (const auto& [key, value] : a.notes) model.notes[key] = value;
  mien::model::write_model(file, model);
}

void convert(const Arguments& a, const Model& model) {
  refuse_to_replace({model}, a, "--convert", a.convert);
  refuse_other_format("--convert", a.convert, "safetensors");
  (void)mien::infer::Session(model.file);  // what is converted has to be right
  mien::model::ModelFile changed = mien::model::with_encoding(model.file, a.dtype);
  for (const char* of_other_weights : {apps::kStepNote, apps::kAccuracyNote})
    changed.notes.erase(of_other_weights);
  write_changed(a, std::move(changed), a.convert);
  announce(a.convert, model.path);
}

void export_onnx(const Arguments& a, const Model& model) {
  refuse_to_replace({model}, a, "--export-onnx", a.export_onnx);
  refuse_other_format("--export-onnx", a.export_onnx, "onnx");
  (void)mien::infer::Session(model.file);  // what is exported has to be right
  using mien::model::OnnxInput;
  const OnnxInput input = a.onnx_plain ? OnnxInput::prepared : OnnxInput::pixels;
  mien::model::ModelFile exported = model.file;
  exported.notes.erase(kCheckpointNote);  // of tensors that are not written
  mien::model::write_onnx(a.export_onnx, exported, input);
  announce(a.export_onnx, model.path);
  if (!a.onnx_plain) return;
  const std::string takes(mien::model::onnx_preparation(model.file.normalization, input));
  apps::print_error(a.export_onnx + ": takes " + takes);
}

void import_onnx(const Arguments& a) {
  const std::string &in = a.import_onnx[0], &out = a.import_onnx[1];
  if (apps::same_file(in, out)) {
    throw mien::ArgumentError("--import-onnx " + out +
                              " would replace the file it comes from; name another file");
  }
  refuse_other_format("--import-onnx", out, "safetensors");
  mien::model::OnnxReadOptions options;
  options.labels = a.labels;
  options.scale = a.pixel_scale;
  mien::model::ModelFile model = mien::model::read_onnx(std::filesystem::path(in), options);
  model.sample_input = mien::model::noise_sample(model.spec, model.normalization);
  write_changed(a, std::move(model), out);
  announce(out, in);
}

}  // namespace ferpredict
