#include "mien/model/encoding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/bit_cast.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "ops/ops.hpp"

namespace mien::model {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"f32", "bf16", "int8"};
constexpr float kLargestInt8 = 127;

// Where in a weight's order an output channel's values are: value i belongs to i / inner % channels.
struct Channels {
  Index count;
  Index inner;

  explicit Channels(const Shape& shape)
      : count(output_channels(shape)),
        inner(shape.rank() == 2 ? 1 : shape.size() / std::max<Index>(1, count)) {}

  // Calls visit(first, last, channel, step): the values [first, last) belong to one channel (step 0) or to the
  // channels from `channel` on (step 1).
  template <typename Visit>
  void for_each_run(Index size, Visit visit) const {
    const Index run = inner == 1 ? count : inner;
    for (Index first = 0; first < size; first += run) {
      visit(first, first + run, inner == 1 ? 0 : first / inner % count, inner == 1 ? 1 : 0);
    }
  }
};

// To the nearest, ties to even; a value that would become infinite stays finite.
std::uint16_t bf16_of(float value) {
  const auto bits = mien::detail::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  constexpr std::uint32_t kInfinity = 0x7f800000;
  return static_cast<std::uint16_t>(((rounded & kInfinity) == kInfinity ? bits : rounded) >> 16);
}

EncodedTensor encode_bf16(const Tensor& weight) {
  auto values = std::make_shared<std::vector<std::uint16_t>>(static_cast<std::size_t>(weight.size()));
  std::transform(weight.values().begin(), weight.values().end(), values->begin(), bf16_of);
  return {Encoding::bf16, weight.shape(), {values, values->data()}, {}};
}

Tensor int8_scale(const Tensor& weight, const Channels& channels) {
  Tensor scale(Shape{channels.count});
  float* largest = scale.mutable_data();
  channels.for_each_run(weight.size(), [&](Index first, Index last, Index channel, Index step) {
    for (Index i = first; i < last; ++i, channel += step) {
      largest[channel] = std::max(largest[channel], std::fabs(weight.data()[i]));
    }
  });
  // The largest finite value divided and multiplied again would become infinite.
  const float limit = std::nextafter(std::numeric_limits<float>::max() / kLargestInt8, 0.0f);
  for (Index c = 0; c < channels.count; ++c) largest[c] = std::min(largest[c] / kLargestInt8, limit);
  return scale;
}

EncodedTensor encode_int8(const Tensor& weight) {
  const Channels channels(weight.shape());
  const Tensor scale = int8_scale(weight, channels);
  std::vector<float> inverse(static_cast<std::size_t>(channels.count));
  std::transform(scale.values().begin(), scale.values().end(), inverse.begin(),
                 [](float s) { return s >= 1e-36f ? 1 / s : 0.0f; });  // else the inverse may be infinite
  auto values = std::make_shared<std::vector<std::int8_t>>(static_cast<std::size_t>(weight.size()));
  channels.for_each_run(weight.size(), [&](Index first, Index last, Index channel, Index step) {
    for (Index i = first; i < last; ++i, channel += step) {
      const float q = std::nearbyint(weight.data()[i] * inverse[static_cast<std::size_t>(channel)]);
      (*values)[static_cast<std::size_t>(i)] =
          static_cast<std::int8_t>(std::clamp(q, -kLargestInt8, kLargestInt8));
    }
  });
  return {Encoding::int8, weight.shape(), {values, values->data()}, scale};
}

// Files are not read through for this where that takes long, and no narrow value stands for NaN.
void check_finite(const ModelFile& model, const std::string& name, const Tensor& values) {
  if (!ops::all_finite(values.data(), values.size())) {
    throw DataError(model.name + ": tensor " + name + " holds NaN or infinity");
  }
}

}  // namespace

std::string_view to_string(Encoding encoding) {
  return kNames[static_cast<std::size_t>(encoding)];
}

Encoding parse_encoding(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end())
    throw ArgumentError("unknown dtype " + quote(name) + ", expected f32, bf16 or int8");
  return static_cast<Encoding>(found - kNames.begin());
}

Index output_channels(const Shape& shape) {
  return shape.rank() == 2 ? shape[1] : shape[0];
}

EncodedTensor encode(const Tensor& weight, Encoding encoding) {
  return encoding == Encoding::bf16 ? encode_bf16(weight) : encode_int8(weight);
}

Tensor expand(const EncodedTensor& encoded) {
  Tensor result = Tensor::uninitialized(encoded.shape);
  ops::expand(result.mutable_data(), encoded, 0, result.size());
  if (!encoded.scale.defined()) return result;
  Channels(encoded.shape).for_each_run(result.size(), [&](Index first, Index last, Index channel, Index step) {
    for (Index i = first; i < last; ++i, channel += step) {
      result.mutable_data()[i] *= encoded.scale.data()[channel];
    }
  });
  return result;
}

Tensor expand(const Weight& weight) {
  return weight.tensor.defined() ? weight.tensor : expand(weight.encoded);
}

ModelFile with_encoding(const ModelFile& model, Encoding encoding) {
  ModelFile result = model;
  result.sample_output = Tensor();
  for (Weight& weight : result.weights) {
    if (!weight.defined()) continue;  // whoever writes the model refuses it
    const Shape shape = weight.shape();
    const Tensor values = expand(weight);
    check_finite(model, weight.name, values);
    if (shape.rank() < 2) continue;
    if (encoding == Encoding::f32) {
      weight = {weight.name, values, {}};
      continue;
    }
    weight.encoded = encode(values, encoding);
    weight.tensor = shape.rank() == 2 ? Tensor() : expand(weight.encoded);
  }
  return result;
}

}  // namespace mien::model
