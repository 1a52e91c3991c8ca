// The paper's network from oneDNN's primitives, each in the layout that it is fast in.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "onednn_api.hpp"
#include "onednn_loops.hpp"

namespace onednn {

struct Options {
  bool training = true;
  Index batch = 50;
  bool bf16 = false;           // activations, weights and their gradients; master weights and moments are fp32
  bool conv2_blocked = false;  // the second convolution's layout; otherwise nhwc
};

// Weights or biases as Adam knows them.
struct Parameter {
  std::string name;
  memory master;    // fp32, in the order of the gradient's elements
  memory gradient;  // fp32 or bf16
};

class Network {
 public:
  // Weights, images and labels are random. Throws dnnl::error where oneDNN cannot compute this.
  explicit Network(const Options& options);

  // A training step or a prediction.
  void run();

  [[nodiscard]] float loss() const { return loss_; }  // before the last step's update
  void set_rate(float rate) { rate_ = rate; }
  void freeze_dropout() { dropout_changes_ = 0; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };

  // Takes the gradient of a layer's result, appends to steps_ what is to be done with it, returns the gradient
  // of the layer's input, of the same layout as the input.
  using Backward = std::function<memory(const memory&)>;

  memory allocate(const memory::desc& desc);
  memory random(const memory::dims& dims, memory::format_tag tag, float scale);
  memory random_weights(const memory::dims& dims, const memory::desc& desc);
  void copy(const memory& from, const memory& to);
  void append(const dnnl::primitive& primitive, const std::unordered_map<int, memory>& arguments);
  // Calls function(first element) of the memory's type.
  template <class Function>
  void append_loop(const memory& x, Function function);
  memory reordered(const memory& x, const memory::desc& desc);
  memory as(const memory& x, const memory::desc& desc) { return {desc, engine_, x.get_data_handle()}; }

  memory in_layout(const memory& x, memory::format_tag tag);
  memory convolution(const std::string& name, const memory& x, Index out, memory::format_tag tag);
  memory max_pool(const memory& x);
  memory lrn(const memory& x);
  memory flatten(const memory& x);
  memory dense(const std::string& name, const memory& x, Index out, bool relu);
  void dropout(const memory& x);
  void relu_was_before(const memory& x, float scale = 1.0F);
  memory finish(const memory& logits);

  memory convolution_gradients(const std::string& name,
                               const dnnl::convolution_forward::primitive_desc& forward, const memory& x,
                               const memory& weights, const memory& bias, const memory& gradient,
                               bool of_input);
  memory dense_gradients(const std::string& name, const dnnl::inner_product_forward::primitive_desc& forward,
                         const memory& x, const memory& weights, const memory& bias, const memory& gradient);
  void learn(const std::string& name, const memory& weights, const memory& gradient);
  /// Weights and bias of a layer from the gradients that `sums` sums up; x as it wants it.
  template <typename Primitive>
  void learn_sums(const std::string& name, const typename Primitive::primitive_desc& sums, const memory& x,
                  const memory& gradient, const memory& weights, const memory& bias);
  memory master_of(const memory& weights, const memory& gradient);

  Options options_;
  memory::data_type type_;
  dnnl::prop_kind kind_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::mt19937 generator_;
  std::vector<std::unique_ptr<void, Free>> blocks_;
  std::vector<std::function<void()>> steps_;
  std::vector<Backward> layers_;
  std::vector<Parameter> parameters_;
  float rate_ = 1e-4F;
  float loss_ = 0.0F;
  int step_ = 0;
  std::uint32_t dropout_seed_ = 0;
  std::uint32_t dropout_changes_ = 1;
};

Index element_count(const memory& x);

}  // namespace onednn
