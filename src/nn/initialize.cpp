#include "mien/nn/initialize.hpp"

#include <cmath>
#include <string_view>

#include "mien/core/parallel.hpp"
#include "mien/core/random.hpp"

namespace mien::nn {
namespace {

using autograd::Parameter;

// Each chunk of a tensor has its own random stream, so that chunks can be filled in any order.
constexpr Index kChunk = 1 << 16;

template <typename Draw>
void fill(Tensor& tensor, std::uint64_t seed, std::uint32_t stream, Draw draw) {
  float* values = tensor.mutable_data();
  parallel_for_ranges(tensor.size(), kChunk, [&](Index begin, Index end) {
    const std::uint64_t id = (std::uint64_t{stream} << 32) | static_cast<std::uint64_t>(begin / kChunk);
    RandomStream random(seed, RandomPurpose::initialization, id);
    for (Index i = begin; i < end; ++i) values[i] = draw(random);
  });
}

struct Fan {
  Index in, out;
};

// Convolution weights are [out][in][k][k], dense weights [in][out].
Fan fan(const Shape& shape) {
  if (shape.rank() == 4) return {shape[1] * shape[2] * shape[3], shape[0] * shape[2] * shape[3]};
  return {shape[0], shape[1]};
}

bool is_weight(const Parameter& parameter) {
  return parameter.value.shape().rank() >= 2;
}

void initialize_weight(Parameter& weight, Scheme scheme, bool small, std::uint64_t seed, std::uint32_t stream) {
  const Fan f = fan(weight.value.shape());
  switch (scheme) {
    case Scheme::he:
      fill_normal(weight.value, std::sqrt(2.0f / static_cast<float>(f.in)), seed, stream);
      return;
    case Scheme::xavier: {
      const float limit = std::sqrt(6.0f / static_cast<float>(f.in + f.out));
      fill_uniform(weight.value, -limit, limit, seed, stream);
      return;
    }
    case Scheme::paper:
      fill_truncated_normal(weight.value, small ? 1e-4f : 0.04f, seed, stream);
      return;
  }
}

// Batch normalization's parameters are vectors without a weight matrix in front of them.
bool is_bias_of(const Parameter& candidate, const Parameter& weight) {
  const std::string_view a = candidate.name;
  const std::string_view b = weight.name;
  return a.substr(0, a.rfind('.')) == b.substr(0, b.rfind('.'));
}

}  // namespace

void fill_normal(Tensor& tensor, float deviation, std::uint64_t seed, std::uint32_t stream) {
  fill(tensor, seed, stream, [=](RandomStream& random) { return deviation * random.next_normal(); });
}

void fill_truncated_normal(Tensor& tensor, float deviation, std::uint64_t seed, std::uint32_t stream) {
  fill(tensor, seed, stream, [=](RandomStream& random) { return deviation * random.next_truncated_normal(); });
}

void fill_uniform(Tensor& tensor, float low, float high, std::uint64_t seed, std::uint32_t stream) {
  fill(tensor, seed, stream, [=](RandomStream& random) { return low + (high - low) * random.next_uniform(); });
}

void initialize(const std::vector<Parameter*>& parameters, Scheme scheme, std::uint64_t seed) {
  std::size_t last_weight = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (is_weight(*parameters[i])) last_weight = i;
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Parameter& weight = *parameters[i];
    if (!is_weight(weight)) continue;
    const bool small = weight.value.shape().rank() == 4 || i == last_weight;
    initialize_weight(weight, scheme, small, seed, static_cast<std::uint32_t>(i));
    if (i + 1 < parameters.size() && is_bias_of(*parameters[i + 1], weight)) {
      parameters[i + 1]->value.fill(scheme == Scheme::paper && small ? 0.1f : 0.0f);
    }
  }
}

}  // namespace mien::nn
