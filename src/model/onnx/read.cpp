#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/core/text.hpp"
#include "mien/model/graph.hpp"
#include "model/model_metadata.hpp"
#include "model/onnx/file.hpp"
#include "model/onnx/import.hpp"
#include "model/onnx/values.hpp"
#include "model/onnx/write.hpp"

namespace mien::model {
namespace {

constexpr std::string_view kEnding = ".onnx";

// A file that write_onnx wrote, or says so: what it says is believed where its graph is the one that would be
// written.
class OwnFile {
 public:
  OwnFile(const OnnxFile& file, const std::shared_ptr<const MappedFile>& bytes, std::string source)
      : file_(file), bytes_(bytes), source_(std::move(source)) {
    for (const OnnxTensor& tensor : file.graph.tensors) by_name_.emplace(tensor.name, &tensor);
  }

  /// Nothing where the graph is another; then `difference` tells what differs first.
  std::optional<ModelFile> read(std::string& difference) const {
    ModelFile model = from_metadata(file_.metadata, source_);
    const OnnxInput input = file_.graph.inputs.size() == 1 && file_.graph.inputs[0].name == kOnnxPrepared
                                ? OnnxInput::prepared
                                : OnnxInput::pixels;
    model.normalization.mean = per_pixel(kOnnxMean, model.spec);
    model.normalization.inv_std = per_pixel(kOnnxInvStd, model.spec);
    for (const ParameterSpec& parameter : parameters_of(plan(model.spec))) {
      const OnnxTensor* tensor = find(parameter.name);
      if (tensor == nullptr || tensor->shape.size() != parameter.shape.size() ||
          tensor->type != OnnxType::f32) {
        difference = "the weight " + parameter.name + " " + parameter.shape.to_string() + " is missing";
        return std::nullopt;
      }
      const Tensor values = real_values(*tensor, bytes_, source_ + ": ");
      model.weights.push_back({parameter.name, values.reshape(parameter.shape)});
    }
    difference = compare(to_onnx_graph(model, input));
    if (!difference.empty()) return std::nullopt;
    const Shape plane{model.spec.height, model.spec.width};
    for (Tensor* values : {&model.normalization.mean, &model.normalization.inv_std}) {
      if (values->defined() && values->size() == plane.size()) *values = values->reshape(plane);
    }
    return model;
  }

 private:
  const OnnxTensor* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  Tensor per_pixel(const char* name, const ModelSpec& spec) const {
    const OnnxTensor* tensor = find(name);
    if (tensor == nullptr || tensor->shape != Shape{spec.channels, spec.height, spec.width}) return {};
    return tensor->type == OnnxType::f32 ? real_values(*tensor, bytes_, source_ + ": ") : Tensor();
  }

  std::string compare(const OnnxGraph& expected) const {
    const OnnxGraph& graph = file_.graph;
    for (std::size_t i = 0; i < std::max(expected.nodes.size(), graph.nodes.size()); ++i) {
      const bool both = i < expected.nodes.size() && i < graph.nodes.size();
      if (both && expected.nodes[i] == graph.nodes[i]) continue;
      return "node " + quote((i < graph.nodes.size() ? graph.nodes[i] : expected.nodes[i]).name);
    }
    for (const OnnxTensor& tensor : expected.tensors) {
      const OnnxTensor* found = find(tensor.name);
      if (found == nullptr || !(*found == tensor)) return "initializer " + quote(tensor.name);
    }
    if (graph.tensors.size() != expected.tensors.size()) return "the number of initializers";
    return graph.inputs == expected.inputs && graph.outputs == expected.outputs ? "" : "an input or output";
  }

  const OnnxFile& file_;
  const std::shared_ptr<const MappedFile>& bytes_;
  std::string source_;
  std::map<std::string_view, const OnnxTensor*> by_name_;
};

// A file of anyone's may have labels of this form, or others under the name.
std::vector<std::string> labels_in(const OnnxFile& file, Index classes) {
  const auto found = file.metadata.find(kOnnxLabels);
  if (found == file.metadata.end()) return {};
  std::vector<std::string> labels;
  try {
    const JsonLimits limits{.max_depth = 2, .max_values = static_cast<std::size_t>(classes) + 1};
    const Json parsed = parse_json(found->second, kOnnxLabels, limits);
    for (const Json& label : parsed.as_array()) labels.push_back(label.as_string());
  } catch (const DataError&) {
    return {};
  }
  ModelFile named;
  named.labels = labels;
  const bool good = static_cast<Index>(labels.size()) == classes && naming_problem(named).empty();
  return good ? labels : std::vector<std::string>();
}

std::vector<std::string> numbered_labels(Index classes) {
  std::vector<std::string> labels;
  for (Index i = 0; i < classes; ++i) labels.push_back("class" + std::to_string(i));
  return labels;
}

std::string stem(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const bool ends = name.size() > kEnding.size() && name.ends_with(kEnding);
  return printable(ends ? name.substr(0, name.size() - kEnding.size()) : name);
}

// Of a graph that anybody wrote; `difference` is from the one that the file's metadata would give.
ModelFile imported(const OnnxFile& file, const std::shared_ptr<const MappedFile>& bytes,
                   const std::string& difference) {
  ModelFile model;
  model.name = stem(bytes->path());
  model.notes[kOnnxNote] =
      printable(file.producer) + (file.producer.empty() ? "" : ", ") + "opset " + std::to_string(file.opset);
  const std::string source = bytes->path().string();
  try {
    Importer(file, bytes, source).run(model);
    (void)class_count(model.spec);
    return model;
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string named = text.rfind(source, 0) == 0 ? text : source + ": " + text;
    if (difference.empty()) throw DataError(named);
    throw DataError(named + " (the graph is not that of the spec in the file, either: " + difference + ")");
  }
}

}  // namespace

ModelFile read_onnx(MappedFile mapped, const OnnxReadOptions& options) {
  if (!is_temperature(options.scale))
    throw ArgumentError("[read_onnx] the scale must be a finite number above 0");
  const auto bytes = std::make_shared<const MappedFile>(std::move(mapped));
  const std::string source = bytes->path().string();
  const OnnxFile file = parse_onnx_file(bytes->bytes(), source);
  std::string difference;
  std::optional<ModelFile> model;
  if (file.metadata.count(kModelFormatKey) > 0) model = OwnFile(file, bytes, source).read(difference);
  if (!model) {
    model = imported(file, bytes, difference);
    model->labels = labels_in(file, class_count(model->spec));
    if (model->labels.empty()) model->labels = options.default_labels;
    if (model->labels.empty()) model->labels = numbered_labels(class_count(model->spec));
    model->normalization.scale *= options.scale;
  } else if (options.scale != 1) {
    throw ArgumentError("[read_onnx] " + source + " says itself how pixels are scaled");
  }
  if (!options.labels.empty()) model->labels = options.labels;
  if (const Index classes = class_count(model->spec); static_cast<Index>(model->labels.size()) != classes) {
    throw ArgumentError("[read_onnx] " + std::to_string(model->labels.size()) + " labels for the " +
                        std::to_string(classes) + " classes of " + source);
  }
  return *std::move(model);
}

ModelFile read_onnx(const std::filesystem::path& path, const OnnxReadOptions& options) {
  return read_onnx(MappedFile::open(path, OnnxLimits::kMaxBytes), options);
}

}  // namespace mien::model
