#include "mien/nn/initialize.hpp"

#include <cmath>
#include <vector>

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

void initialize_weight(Parameter& weight, model::Fan f, Scheme scheme, bool small, std::uint64_t seed,
                       std::uint32_t stream) {
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

void initialize(Network& network, Scheme scheme, std::uint64_t seed) {
  using Role = model::ParameterSpec::Role;
  const std::vector<model::ParameterSpec> specs = model::parameters_of(network.graph());
  const std::vector<Parameter*> parameters = network.parameters();
  std::size_t last_weight = 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].role == Role::weight) last_weight = i;
  }
  bool small = false;  // of the weight before
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Parameter& parameter = *parameters[i];
    if (specs[i].role == Role::weight) {
      small = specs[i].shape.rank() == 4 || i == last_weight;
      initialize_weight(parameter, specs[i].fan, scheme, small, seed, static_cast<std::uint32_t>(i));
    } else if (specs[i].role == Role::bias) {
      parameter.value.fill(scheme == Scheme::paper && small ? 0.1f : 0.0f);
    }
  }
}

}  // namespace mien::nn
