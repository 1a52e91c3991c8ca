// From the graph of an ONNX file to a network of the library: what the functions for single operators share.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/model/model_file.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/network_text.hpp"

namespace mien::model {

/// A value of the graph that depends on the image.
struct ImportValue {
  int layer = NetworkText::kInput;
  Shape shape;          ///< what the layer gives: {C, H, W} or {F}
  bool flat = false;    ///< the graph has an image flattened, the network not yet
  bool planes = false;  ///< the graph has C values as [batch, C, 1, 1]

  bool is_image() const { return shape.rank() == 3 && !flat; }
  bool is_vector() const { return shape.rank() == 1; }
  /// Extents of the graph's value, the batch's among them.
  Index rank() const { return is_image() || planes ? 4 : 2; }
};

/// A node with its place in messages. Attributes that were not asked for are unknown.
class ImportNode {
 public:
  ImportNode(const OnnxNode& node, std::string_view source);

  const OnnxNode& node() const { return node_; }
  const std::string& op() const { return node_.op; }
  const std::string& output() const { return node_.outputs.front(); }
  std::size_t input_count() const { return node_.inputs.size(); }
  /// Empty where it is left out.
  const std::string& input(std::size_t index) const;

  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  float real(const char* name, float otherwise) const;
  std::string text(const char* name, const char* otherwise) const;
  std::optional<std::vector<Index>> integers(const char* name) const;
  /// nullptr where there is none of the name, be it of whatever type.
  const OnnxAttribute* find(const char* name) const;
  /// Throws for an attribute that nothing has asked for.
  void require_all_known() const;

  /// `node "Conv_3" (Conv)`
  std::string_view source() const { return source_; }
  const std::string& title() const { return title_; }
  /// `in.onnx: node "Conv_3" (Conv): `, in front of messages.
  const std::string& where() const { return where_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  const OnnxAttribute* of_type(const char* name, OnnxAttributeType type) const;

  const OnnxNode& node_;
  std::string_view source_;
  std::string title_, where_;
  mutable std::set<std::string_view> known_;
};

/// The import of one graph, node after node.
class Importer {
 public:
  /// Stands for the number of images among integers that are extents.
  static constexpr Index kBatch = std::numeric_limits<Index>::min() / 2;

  Importer(const OnnxFile& file, std::shared_ptr<const MappedFile> bytes, std::string source);

  /// Spec, weights, normalization and temperature.
  void run(ModelFile& model);

  // ---- for the functions of operators ----

  std::int64_t opset() const { return file_.opset; }
  /// The same for the number of images, if the file says one.
  bool is_batch(Index extent) const { return extent == kBatch || extent == fixed_batch_; }

  /// A value that depends on the image. Throws for a constant and for what nothing gives.
  ImportValue value(const ImportNode& node, std::size_t index) const;
  bool is_value(const std::string& name) const { return values_.count(name) > 0; }
  /// Flattened where the graph has it flattened.
  ImportValue settled(const ImportNode& node, std::size_t index);

  const OnnxTensor* find_constant(const std::string& name) const;
  /// In fp32. Throws for what is no constant.
  Tensor reals(const ImportNode& node, std::size_t index);
  /// A matrix [rows][columns] as [columns][rows].
  Tensor transposed(const ImportNode& node, const Tensor& matrix);
  /// A tensor of this import's own. Throws where the file's size does not warrant any more of them: weights may
  /// be used again and again.
  Tensor make(const ImportNode& node, const Shape& shape);
  /// Of one value, or `otherwise` where it is left out.
  float real(const ImportNode& node, std::size_t index, float otherwise);
  /// Integers that are constants or follow from shapes; none where it is left out.
  std::optional<std::vector<Index>> integers(const ImportNode& node, std::size_t index) const;
  bool has_integers(const std::string& name) const { return integers_.count(name) > 0; }

  void set_value(const ImportNode& node, const ImportValue& value) { set_value(node, node.output(), value); }
  void set_value(const ImportNode& node, const std::string& name, const ImportValue& value);
  void set_integers(const ImportNode& node, std::vector<Index> integers);
  void set_constant(const ImportNode& node, const OnnxTensor& tensor);

  /// Adds a layer, whose value has the form of `from` but for its shape.
  ImportValue add(const ImportNode& node, const std::string& layer, const ImportValue& from, const Shape& shape,
                  std::vector<Tensor> weights = {}, const std::vector<int>& others = {});

  /// The nodes that read a value, one as often as it does.
  std::vector<const OnnxNode*> readers(const std::string& name) const;
  /// Their number, the graph's outputs among them.
  std::size_t reader_count(const std::string& name) const;
  /// The only node that reads it; none where there are several or it is an output.
  const OnnxNode* only_reader(const std::string& name) const;
  bool is_output(const std::string& name) const { return outputs_.count(name) > 0; }
  /// The node that gives a value; nullptr for inputs and constants.
  const OnnxNode* giver(const std::string& name) const;
  /// A node that is part of what another one became.
  void skip(const OnnxNode& node) { skipped_.insert(&node); }

  image::Normalization& normalization() { return normalization_; }
  float& temperature() { return temperature_; }

 private:
  void read_inputs();
  void find_readers();
  void add_node(const OnnxNode& node);
  std::string where() const { return source_ + ": "; }

  const OnnxFile& file_;
  std::shared_ptr<const MappedFile> bytes_;
  std::string source_;
  Shape input_;
  Index fixed_batch_ = kBatch;
  NetworkText network_;
  image::Normalization normalization_;
  float temperature_ = 1;

  std::map<std::string, ImportValue, std::less<>> values_;
  std::map<std::string, OnnxTensor, std::less<>> constants_;
  std::map<std::string, std::vector<Index>, std::less<>> integers_;
  std::size_t made_ = 0;  // bytes of what is not in the file
  std::map<std::string, const OnnxNode*, std::less<>> givers_;
  std::map<std::string, std::vector<const OnnxNode*>, std::less<>> readers_;
  std::set<std::string, std::less<>> outputs_;
  std::set<const OnnxNode*> needed_, skipped_;
};

/// What the operator of that name becomes; nullptr for one that is not supported.
using ImportFunction = void (*)(Importer&, const ImportNode&);
ImportFunction import_function(std::string_view op);
std::string importable_operators();  ///< "Add, AveragePool, ..."

// One for each operator, grouped as the files are.
void import_conv(Importer&, const ImportNode&);
void import_max_pool(Importer&, const ImportNode&);
void import_average_pool(Importer&, const ImportNode&);
void import_global_average_pool(Importer&, const ImportNode&);
void import_reduce_mean(Importer&, const ImportNode&);
void import_resize(Importer&, const ImportNode&);
void import_upsample(Importer&, const ImportNode&);

void import_gemm(Importer&, const ImportNode&);
void import_matmul(Importer&, const ImportNode&);
void import_batch_normalization(Importer&, const ImportNode&);
void import_lrn(Importer&, const ImportNode&);

void import_relu(Importer&, const ImportNode&);
void import_clip(Importer&, const ImportNode&);
void import_leaky_relu(Importer&, const ImportNode&);
void import_prelu(Importer&, const ImportNode&);
void import_sigmoid(Importer&, const ImportNode&);
void import_hard_sigmoid(Importer&, const ImportNode&);
void import_hard_swish(Importer&, const ImportNode&);
void import_softmax(Importer&, const ImportNode&);

void import_add(Importer&, const ImportNode&);
void import_sub(Importer&, const ImportNode&);
void import_mul(Importer&, const ImportNode&);
void import_div(Importer&, const ImportNode&);
void import_concat(Importer&, const ImportNode&);

void import_constant(Importer&, const ImportNode&);
void import_identity(Importer&, const ImportNode&);
void import_dropout(Importer&, const ImportNode&);
void import_flatten(Importer&, const ImportNode&);
void import_reshape(Importer&, const ImportNode&);
void import_pad(Importer&, const ImportNode&);
void import_squeeze(Importer&, const ImportNode&);
void import_unsqueeze(Importer&, const ImportNode&);
void import_shape(Importer&, const ImportNode&);
void import_gather(Importer&, const ImportNode&);
void import_slice(Importer&, const ImportNode&);
void import_cast(Importer&, const ImportNode&);

/// Axes in their order, those counted from the end counted from the front.
std::vector<Index> from_front(std::vector<Index> axes, Index rank);
/// An attribute, or since some version input 1.
std::optional<std::vector<Index>> axes_of(const Importer& importer, const ImportNode& node);

/// The Add of a constant for each channel that alone reads the node's output: its values, and the name of its
/// output in `result`. Such a node becomes part of the one before it.
std::optional<Tensor> take_bias(Importer& importer, const ImportNode& node, Index channels, bool image,
                                std::string& result);

}  // namespace mien::model
