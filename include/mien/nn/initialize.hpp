// How a network's parameters start.
#pragma once

#include <cstdint>

#include "mien/nn/network.hpp"

namespace mien::nn {

/// he: normal, standard deviation sqrt(2 / inputs), for ReLU (He et al. 2015).
/// xavier: uniform in +-sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010).
/// paper: TensorFlow's truncated normal, standard deviation 1e-4 with biases 0.1 for convolutions and the
/// last dense layer, 0.04 with biases 0 for the other dense layers, as the paper's code prints.
/// Biases are zero under he and xavier.
enum class Scheme { he, xavier, paper };

/// Draws the weights of all layers and sets their biases; what starts as a constant stays as it is. Values
/// depend on (seed, place of the parameter in the list), not on threads.
void initialize(Network& network, Scheme scheme, std::uint64_t seed);

/// The generators behind it. `stream` tells tensors apart under one seed.
void fill_normal(Tensor& tensor, float deviation, std::uint64_t seed, std::uint32_t stream);
/// Values beyond two deviations are drawn again, as TensorFlow's truncated_normal.
void fill_truncated_normal(Tensor& tensor, float deviation, std::uint64_t seed, std::uint32_t stream);
/// Values in [low, high).
void fill_uniform(Tensor& tensor, float low, float high, std::uint64_t seed, std::uint32_t stream);

}  // namespace mien::nn
