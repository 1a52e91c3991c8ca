// Activations, spread over the worker threads.
#pragma once

#include "kernels/activation.hpp"

namespace mien::ops {

using kernels::Activation;
using kernels::Index;
using kernels::reads_output;

// `slope` is for those that have one. y may be x.
void activation_forward(Activation activation, float slope, float* y, const float* x, Index size);
// `at` is y of the forward pass where reads_output(activation), else x. dx may be dy.
void activation_backward(Activation activation, float slope, float* dx, const float* dy, const float* at,
                         Index size);
// x [n][channels][pixels], slopes [channels]: x where above zero, else its channel's slope times x. y may be x.
void prelu_forward(float* y, const float* x, const float* slopes, Index n, Index channels, Index pixels);
// dx may be dy; dslopes are written.
void prelu_backward(float* dx, float* dslopes, const float* dy, const float* x, const float* slopes, Index n,
                    Index channels, Index pixels);

}  // namespace mien::ops
