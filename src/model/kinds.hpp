// What the executors and the fusion pass ask of a kind of layer.
#pragma once

#include "mien/model/spec.hpp"
#include "ops/activation.hpp"

namespace mien::model {

/// The function of a kind that changes each value by itself.
struct ValueFunction {
  ops::Activation activation;
  float slope = 0;
};
inline ValueFunction function_of(const SigmoidSpec&) {
  return {ops::Activation::sigmoid};
}
inline ValueFunction function_of(const Relu6Spec&) {
  return {ops::Activation::relu6};
}
inline ValueFunction function_of(const HSwishSpec&) {
  return {ops::Activation::hswish};
}
inline ValueFunction function_of(const SiluSpec&) {
  return {ops::Activation::silu};
}
inline ValueFunction function_of(const LeakyReluSpec& s) {
  return {ops::Activation::leaky_relu, s.slope};
}
template <class Kind>
concept ByValue = requires(const Kind& kind) {
  function_of(kind);
};

// The facts that layers/layer.hpp lists, of whatever kind a layer is.
inline bool works_in_place(const LayerSpec& layer) {
  return std::visit(
      []<class Kind>(const Kind&) {
        return ByValue<Kind> || requires {
          Kind::kWorksInPlace;
        };
      },
      layer);
}
inline bool passes_on(const LayerSpec& layer) {
  return std::visit(
      []<class Kind>(const Kind&) {
        return requires {
          Kind::kPassesOn;
        };
      },
      layer);
}
inline bool takes_any_layout(const LayerSpec& layer) {
  return std::visit(
      []<class Kind>(const Kind&) {
        return ByValue<Kind> || requires {
          Kind::kTakesAnyLayout;
        };
      },
      layer);
}
inline bool takes_relu(const LayerSpec& layer) {
  return std::visit(
      []<class Kind>(const Kind&) {
        return requires {
          Kind::kTakesRelu;
        };
      },
      layer);
}
inline bool takes_batch_norm(const LayerSpec& layer) {
  return std::visit(
      []<class Kind>(const Kind&) {
        return requires {
          Kind::kTakesBatchNorm;
        };
      },
      layer);
}

}  // namespace mien::model
