// Any header and any bytes behind it as a model's file: the reader throws DataError, or gives a model that
// computes. So that what is changed reaches what is behind the container (safetensors_fuzz), the input is the
// header's text, a zero byte and the tensors' bytes; the header's length is put before it, and as many bytes
// behind it as it speaks of.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/json.hpp"
#include "mien/face/network_detector.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/model_file.hpp"

namespace {

using mien::Index;
using mien::Json;
using mien::model::ModelFile;

constexpr std::size_t kMostBytes = 1 << 16;
// Networks whose values times weights are more than this would take too long.
constexpr double kMostWork = 1 << 22;

void expect(bool holds) {
  if (!holds) std::abort();
}

// The last offset that a header speaks of, as far as it is to be had.
std::size_t data_bytes(std::string_view header) {
  std::size_t most = 0;
  try {
    const Json json = mien::parse_json(header, "fuzz");
    for (const auto& [name, tensor] : json.as_object()) {
      const Json* offsets = tensor.find("data_offsets");
      if (offsets == nullptr || offsets->as_array().empty()) continue;
      const std::int64_t end = offsets->as_array().back().as_integer();
      if (end > 0) most = std::max(most, static_cast<std::size_t>(end));
    }
  } catch (const mien::DataError&) {
  }
  return std::min(most, kMostBytes);
}

std::vector<std::byte> file_of(std::string_view input) {
  const std::string_view header = input.substr(0, input.find('\0'));
  std::string file;
  for (std::size_t i = 0, length = header.size(); i < 8; ++i, length >>= 8)
    file += static_cast<char>(length & 255);
  file += header;
  std::string data(input.substr(std::min(header.size() + 1, input.size())));
  data.resize(data_bytes(header));
  file += data;
  const auto* bytes = reinterpret_cast<const std::byte*>(file.data());
  return {bytes, bytes + file.size()};
}

std::optional<ModelFile> read(std::string_view input) {
  try {
    return mien::model::read_model(
        mien::model::SafetensorsFile(mien::MappedFile::from_bytes(file_of(input), "fuzz")));
  } catch (const mien::DataError&) {
    return std::nullopt;
  }
}

bool is_quick(const ModelFile& model) {
  double values = static_cast<double>(model.spec.channels * model.spec.height * model.spec.width);
  for (const auto& node : mien::model::plan(model.spec).nodes)
    values += static_cast<double>(node.output.size());
  return values * static_cast<double>(mien::model::weight_count(model.spec) + 64) < kMostWork;
}

void find_faces(const ModelFile& model) {
  const mien::image::GrayImage image{9, 7, std::vector<std::uint8_t>(63, 200)};
  std::optional<mien::face::NetworkDetector> detector;
  try {
    detector.emplace(model);
  } catch (const mien::ArgumentError&) {  // a network that does not slide
    return;
  }
  for (const auto& face : detector->detect(image)) expect(face.width > 0);
}

void compute(const ModelFile& model) {
  mien::infer::Session session(model);
  std::vector<float> input(static_cast<std::size_t>(session.input_size()), 0.5f);
  const Index classes = session.class_count();
  expect(classes == 0 || static_cast<std::size_t>(classes) == model.labels.size() || model.face_grid);
  if (classes == 0) return;
  std::vector<float> probabilities(static_cast<std::size_t>(classes));
  session.predict(probabilities.data(), input.data(), 1);
  for (const float p : probabilities) expect(!(p < 0) && !(p > 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<ModelFile> model = read({reinterpret_cast<const char*>(data), size});
  if (!model || !is_quick(*model)) return 0;
  expect(mien::model::is_temperature(model->temperature));
  expect(mien::model::is_face_margin(model->face_margin) && mien::model::is_face_crop(model->face_crop));
  try {
    compute(*model);
    if (model->face_grid) find_faces(*model);
  } catch (const mien::DataError&) {  // an output that is not finite, or not the sample's
  }
  return 0;
}
