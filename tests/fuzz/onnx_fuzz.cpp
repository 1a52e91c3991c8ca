// Any bytes: the reader throws DataError, or gives a model whose weights are those its spec names and finite.
// ArgumentError is for the caller's mistakes, of which there are none here.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/onnx.hpp"

namespace {

using mien::MappedFile;
using mien::model::ModelFile;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::optional<ModelFile> read(std::span<const std::byte> bytes) {
  try {
    return mien::model::read_onnx(MappedFile::from_bytes({bytes.begin(), bytes.end()}, "fuzz"));
  } catch (const mien::DataError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<ModelFile> model = read(std::as_bytes(std::span(data, size)));
  if (!model) return 0;
  expect(static_cast<mien::Index>(model->labels.size()) == mien::model::class_count(model->spec));
  const auto parameters = parameters_of(mien::model::plan(model->spec));
  expect(parameters.size() == model->weights.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    expect(model->weights[i].name == parameters[i].name);
    expect(model->weights[i].tensor.shape() == parameters[i].shape);
    for (const float value : model->weights[i].tensor.values()) expect(std::isfinite(value));
  }
  expect(mien::model::is_temperature(model->temperature));
  return 0;
}
