// A network's text under construction, with the weights of its layers.
#pragma once

#include <string>
#include <vector>

#include "mien/core/shape.hpp"
#include "mien/core/tensor.hpp"
#include "mien/model/model_file.hpp"

namespace mien::model {

class NetworkText {
 public:
  static constexpr int kInput = -1;  ///< the number of the network's input, before those of its layers

  struct Output {
    int layer;
    std::string name;  ///< what the text may call it
  };

  /// The weights are one for each parameter of the layer's kind, in its order. `origin` is what messages call
  /// it. Returns the layer's number. Throws DataError for more layers than a network may have.
  int add(std::string layer, int from, const std::vector<int>& others, std::vector<Tensor> weights,
          std::string origin);

  /// Layers that no output needs are left out. Throws DataError, `where` in front, naming the origin of a layer
  /// that ModelSpec does not take, or whose weights are not those its kind has.
  void finish(const Shape& input, std::vector<Output> outputs, const std::string& where, ModelFile& model);

 private:
  struct Layer {
    std::string text;
    int from;
    std::vector<int> others;
    std::vector<Tensor> weights;
    std::string origin;
  };
  void drop_unread(std::vector<Output>& outputs);
  std::vector<std::string> tags(const std::vector<Output>& outputs) const;
  std::string text(const Shape& input, const std::vector<std::string>& tags, std::size_t layers) const;
  [[noreturn]] void fail(const Shape& input, const std::vector<std::string>& tags,
                         const std::string& where) const;

  std::vector<Layer> layers_;
};

}  // namespace mien::model
