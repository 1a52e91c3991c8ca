// What every kind of layer says of itself. A kind is a plain struct with
//
//   static constexpr std::string_view kKind          what texts and names call it: `conv`, `conv1`
//   static void fields(spec, visitor)                its numbers and words, in the order of the text form
//   void place(Placement&) const                     its output's shape, its parameters and how they start
//   Cost cost(const Shape& in, const Shape& out)     what it must at least compute and move
//
// and, where they are so, these facts, constants that are true:
//
//   kWorksInPlace     its result may be written over its input
//   kPassesOn         it does nothing when predicting
//   kTakesRelu        it computes a ReLU behind it, too
//   kTakesAnyLayout   it can work on channels-last images, and then gives such; functions of single values
//                     always can
//   kTakesBatchNorm   when predicting, batch normalization behind it goes into its weights
//
// and one file for each family of kinds holds all of it. The parser, the printer, the planner, the list of
// known layers and the benchmark's floor have no knowledge of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/core/window.hpp"

namespace mien::model {

/// What a number may be, both ends included.
template <typename Number>
struct Limits {
  Number low, high;
};

inline constexpr Limits<Index> kStride{1, 255};

/// A number of a layer in messages: `conv` needs "a stride"; "the stride" must be 1 to 255.
struct NumberName {
  std::string_view one;
  std::string_view the;
};

/// How many values an output sums up, and in how many outputs an input counts: what random first weights are
/// scaled by.
struct Fan {
  Index in = 0;
  Index out = 0;
};

/// One trainable tensor or running statistic of a network, and how it starts.
struct ParameterSpec {
  /// How it starts.
  enum class Role {
    weight,   ///< random, scaled by `fan`
    bias,     ///< what nn::Scheme says of biases
    constant  ///< `start`
  };
  std::string name;  ///< "conv1.weight": kind, place among its kind, role
  Shape shape;
  Role role = Role::constant;
  Fan fan = {};
  float start = 0;
  bool trainable = true;  ///< false for the running statistics of batchnorm
};

/// The place of a layer in a network. The output has the (first) input's shape unless place() says otherwise.
struct Placement {
  std::string name;                 ///< "conv1", "maxpool2", ...
  std::vector<Shape> input_shapes;  ///< of one sample: {C, H, W} or {F}; more than one where values are joined
  Shape output;
  std::vector<ParameterSpec> parameters;

  const Shape& input() const { return input_shapes[0]; }
  /// Throws ArgumentError `[conv1] what`.
  [[noreturn]] void fail(const std::string& what) const;
  void require_image() const;
  /// A parameter `role` that starts at random, scaled by `fan`.
  void add_weight(std::string_view role, const Shape& shape, Fan fan);
  /// A parameter `role` that starts as biases do.
  void add_bias(std::string_view role, const Shape& shape);
  /// A parameter `role` that starts at `start`.
  void add_constant(std::string_view role, const Shape& shape, float start, bool trainable = true);
};

/// Additions, multiplications and the like, each of which takes the place of a multiply-add.
struct Operations {
  double forward = 0;
  double weights_gradient = 0;
  double input_gradient = 0;
};

/// The least that a layer costs, for one sample but for `weights` and `on_weights`. Where `moves` is false it
/// is nothing: the layer's work fits into a neighbor's pass.
struct Cost {
  bool moves = false;
  double multiplications = 0;  ///< of the forward pass; as many for the input's gradient and the weights'
  double weights = 0;          ///< of a matrix that the batch does not hide: read in each pass, then updated
  double backward_reads = 1;   ///< arrays as large as the input that the backward pass moves
  Operations others = {};      ///< beside the multiplications: of transforms, of functions
  Operations on_weights = {};  ///< the same, once for all samples: of the weights' transforms
};

}  // namespace mien::model
