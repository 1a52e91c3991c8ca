// Networks with branches against PyTorch: five steps of each (tests/goldens/make_goldens.py).
#include "support/branched.hpp"
#include "support/goldens.hpp"

using namespace mien::test;
using mien::Tensor;

namespace {

/// The largest 2^-k with which a sum of so many weights keeps about the size of its inputs (He et al. 2015).
int exponent_for(mien::Index inputs) {
  int k = 0;
  while (inputs >= mien::Index{6} << 2 * (k + 1)) ++k;
  return -k;
}

/// As make_goldens.py's class Layers: the parameters numbered from 1, the number being the seed.
void fill(const std::vector<Parameter*>& parameters) {
  std::uint32_t seed = 0;
  for (Parameter* parameter : parameters) {
    if (!parameter->trainable) continue;
    Tensor& value = parameter->value;
    const mien::Shape& shape = value.shape();
    ++seed;
    if (shape.rank() > 1) {
      const mien::Index outputs = shape.rank() == 2 ? shape[1] : shape[0];
      value.copy_from(values(shape, seed, exponent_for(value.size() / outputs)));
      continue;
    }
    // Batch normalization's factors start at 1, prelu's slopes at 0.25, biases at 0.
    const Tensor noise = values(shape, seed, -3);
    for (mien::Index i = 0; i < value.size(); ++i) value.mutable_data()[i] += noise.data()[i];
  }
}

}  // namespace

TEST_CASE("networks with branches train as in PyTorch", "[golden]") {
  const bool residual = GENERATE(true, false);
  const std::string name = residual ? "resnet" : "mobilenet";
  INFO(name);
  const auto spec = mien::model::ModelSpec::from_text(residual ? kResnetSpec : kMobilenetSpec);
  check_training(Goldens(name + ".safetensors"), "", spec, "sgd", {.batch = 4, .seed = 7672}, fill);
}
