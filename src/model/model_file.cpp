#include "mien/model/model_file.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/stable_sort.hpp"
#include "mien/core/error.hpp"
#include "mien/core/random.hpp"
#include "mien/core/text.hpp"
#include "mien/model/describe.hpp"
#include "mien/model/encoding.hpp"
#include "mien/model/graph.hpp"
#include "mien/model/work.hpp"
#include "model/model_metadata.hpp"
#include "ops/ops.hpp"

namespace mien::model {
namespace {

constexpr std::string_view kExtraPrefix = "checkpoint.";
constexpr std::string_view kScaleSuffix = ".scale";

// What numbers may be stored as.
constexpr std::string_view kScales = "F32";
constexpr std::string_view kVectors = "F32, F16 or BF16";
constexpr std::string_view kMatrices = "F32, F16, BF16 or I8";

constexpr const char* kInputMean = "input.mean";
constexpr const char* kInputInvStd = "input.inv_std";
constexpr const char* kSampleInput = "sample.input";
constexpr const char* kSampleOutput = "sample.output";

// Of one value for each pixel, of color for each of its values.
Shape pixel_shape(const ModelSpec& spec) {
  return spec.channels == 1 ? Shape{spec.height, spec.width} : spec.input_shape();
}

void check_weights(const ModelFile& model) {
  std::size_t next = 0;
  for (const ParameterSpec& parameter : parameters_of(plan(model.spec))) {
    if (next >= model.weights.size() || model.weights[next].name != parameter.name ||
        !model.weights[next].defined() || model.weights[next].shape() != parameter.shape) {
      throw ArgumentError("[write_model] expected the weight " + parameter.name + " " +
                          parameter.shape.to_string());
    }
    ++next;
  }
  if (next != model.weights.size()) throw ArgumentError("[write_model] more weights than the spec names");
  for (const std::string& problem : {outputs_problem(model), naming_problem(model)}) {
    if (!problem.empty()) throw ArgumentError("[write_model] " + problem);
  }
}

// The reader: one function for each part of the file, all naming the file in their errors.
class Reader {
 public:
  explicit Reader(const SafetensorsFile& file) : file_(file), where_(file.path().string()) {}

  ModelFile read(const ModelLimits& limits) {
    ModelFile model = from_metadata(file_.metadata(), where_);
    if (const double needed = operations(model); needed > limits.max_operations) {
      fail("predicting an image takes " + rounded_count(needed) + " operations, at most " +
           rounded_count(limits.max_operations) + " are allowed (--max-operations)");
    }
    read_per_pixel(model);
    model.weights = weights(model.spec);
    read_sample(model);
    check_nothing_else();
    return model;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw DataError(where_ + ": " + what); }

  void read_per_pixel(ModelFile& model) {
    const Shape plane = pixel_shape(model.spec);
    if (file_.contains(kInputMean)) model.normalization.mean = tensor(kInputMean, plane);
    if (file_.contains(kInputInvStd)) model.normalization.inv_std = tensor(kInputInvStd, plane);
  }

  std::vector<Weight> weights(const ModelSpec& spec) {
    std::vector<Weight> result;
    for (const ParameterSpec& parameter : parameters_of(plan(spec))) result.push_back(weight(parameter));
    return result;
  }

  Weight weight(const ParameterSpec& parameter) {
    const std::string& name = parameter.name;
    const TensorEntry& found = entry(name, parameter.shape);
    const bool vector = parameter.shape.rank() < 2;
    const bool in_place = !vector && (found.dtype == DType::bf16 || found.dtype == DType::i8);
    if (!in_place) return {name, tensor(name, parameter.shape, vector ? kVectors : kMatrices), {}};
    Weight result{name, {}, encoded(found)};
    const bool matrix = parameter.shape.rank() == 2;
    if (matrix && parameter.shape.size() > kMaxCheckedValues) return result;
    const Tensor values = expand(result.encoded);
    check_finite(name, values);
    if (!matrix) result.tensor = values;
    return result;
  }

  EncodedTensor encoded(const TensorEntry& entry) {
    const bool int8 = entry.dtype == DType::i8;
    const std::string scale = entry.name + std::string(kScaleSuffix);
    return {.encoding = int8 ? Encoding::int8 : Encoding::bf16,
            .shape = entry.shape,
            .values = file_.share(entry),
            .scale = int8 ? tensor(scale, {output_channels(entry.shape)}, kScales) : Tensor()};
  }

  void read_sample(ModelFile& model) {
    if (!file_.contains(kSampleInput)) return;
    model.sample_input = tensor(kSampleInput, {1, model.spec.channels, model.spec.height, model.spec.width});
    model.sample_output = tensor(kSampleOutput, {1, sample_output_size(model)});
  }

  // The shape is compared before anything is allocated: a hostile spec cannot make us take memory that
  // the file does not hold.
  const TensorEntry& entry(const std::string& name, const Shape& expected) {
    const TensorEntry* entry = file_.find(name);
    if (entry == nullptr) fail("tensor " + name + " is missing");
    if (entry->shape != expected) {
      fail("tensor " + name + " is " + entry->shape.to_string() + ", the spec needs " + expected.to_string());
    }
    used_.insert(name);
    return *entry;
  }

  // In fp32; `dtypes` are those it may have.
  Tensor tensor(const std::string& name, const Shape& expected, std::string_view dtypes = kVectors) {
    const DType dtype = entry(name, expected).dtype;
    const bool narrow = dtype == DType::f16 || dtype == DType::bf16;
    if (dtype != DType::f32 && !(narrow && dtypes != kScales)) {
      fail("tensor " + name + " is " + std::string(to_string(dtype)) + ", expected " + std::string(dtypes));
    }
    Tensor values = file_.mapped_tensor(name);
    if (narrow || values.size() <= kMaxCheckedValues) check_finite(name, values);
    return values;
  }

  void check_finite(const std::string& name, const Tensor& values) const {
    if (!ops::all_finite(values.data(), values.size())) fail("tensor " + name + " holds NaN or infinity");
  }

  void check_nothing_else() const {
    for (const TensorEntry& entry : file_.tensors()) {
      if (!used_.contains(entry.name) && !entry.name.starts_with(kExtraPrefix)) {
        fail("tensor " + quote(entry.name) + " does not belong to the spec");
      }
    }
  }

  const SafetensorsFile& file_;
  std::string where_;
  std::set<std::string, std::less<>> used_;
};

TensorEntry entry_of(std::string name, const Tensor& tensor) {
  return {std::move(name), DType::f32, tensor.shape(), std::as_bytes(tensor.values())};
}

void add_weight(std::vector<TensorEntry>& entries, const Weight& weight) {
  if (!weight.encoded.defined()) {
    entries.push_back(entry_of(weight.name, weight.tensor));
    return;
  }
  const EncodedTensor& encoded = weight.encoded;
  const DType dtype = encoded.encoding == Encoding::bf16 ? DType::bf16 : DType::i8;
  const std::size_t bytes = static_cast<std::size_t>(encoded.shape.size()) * bytes_of(dtype);
  entries.push_back(
      {weight.name, dtype, encoded.shape, {static_cast<const std::byte*>(encoded.values.get()), bytes}});
  if (encoded.scale.defined()) {
    entries.push_back(entry_of(weight.name + std::string(kScaleSuffix), encoded.scale));
  }
}

}  // namespace

bool is_temperature(float value) {
  return std::isfinite(value) && value > 0 && std::isfinite(1 / value);
}

bool is_face_margin(float value) {
  return value >= -0.25f && value <= 1;
}

bool is_face_crop(float value) {
  return value >= 0.5f && value <= 3;
}

Index sample_output_size(const ModelFile& model) {
  if (!model.face_grid) return class_count(model.spec);
  const Graph graph = plan(model.spec);
  Index size = 0;
  for (const int output : graph.outputs) size += graph.shape_of(output).size();
  return size;
}

Tensor noise_sample(const ModelSpec& spec, const image::Normalization& how) {
  Tensor sample = Tensor::uninitialized({1, spec.channels, spec.height, spec.width});
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(sample.size()));
  RandomStream random(0, RandomPurpose::user, 0);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.next_below(256));
  image::normalize(sample.mutable_data(), pixels.data(), sample.size(), how);
  return sample;
}

void write_model(const std::filesystem::path& path, const ModelFile& model, std::span<const Weight> extra) {
  check_weights(model);
  if (!is_temperature(model.temperature)) {
    throw ArgumentError("[write_model] temperature " + format_number(shortest_decimal(model.temperature)) +
                        ", expected a finite number above 0");
  }
  if (!is_face_margin(model.face_margin)) {
    throw ArgumentError("[write_model] face margin " + format_number(shortest_decimal(model.face_margin)) +
                        ", expected -0.25 .. 1");
  }
  if (!is_face_crop(model.face_crop)) {
    throw ArgumentError("[write_model] face crop " + format_number(shortest_decimal(model.face_crop)) +
                        ", expected 0.5 .. 3");
  }
  std::vector<TensorEntry> entries;
  for (const Weight& weight : model.weights) add_weight(entries, weight);
  const Shape plane = pixel_shape(model.spec);
  const image::Normalization& n = model.normalization;
  if (n.mean.defined()) entries.push_back(entry_of(kInputMean, n.mean.reshape(plane)));
  if (n.inv_std.defined()) entries.push_back(entry_of(kInputInvStd, n.inv_std.reshape(plane)));
  if (model.sample_input.defined()) {
    entries.push_back(entry_of(kSampleInput, model.sample_input));
    entries.push_back(entry_of(kSampleOutput, model.sample_output));
  }
  for (const Weight& tensor : extra) {
    if (!tensor.name.starts_with(kExtraPrefix)) {
      throw ArgumentError("[write_model] extra tensor " + tensor.name + " must begin with checkpoint.");
    }
    add_weight(entries, tensor);
  }
  // Wide values first, so that all of them are aligned where they are mapped.
  mien::detail::stable_sort(entries, [](const TensorEntry& a, const TensorEntry& b) {
    return bytes_of(a.dtype) > bytes_of(b.dtype);
  });
  write_safetensors(path, to_metadata(model), std::span<const TensorEntry>(entries));
}

ModelFile read_model(const SafetensorsFile& file, const ModelLimits& limits) {
  return Reader(file).read(limits);
}

ModelFile read_model(const std::filesystem::path& path, const ModelLimits& limits) {
  return read_model(SafetensorsFile::open(path), limits);
}

const std::string* find_note(const SafetensorsFile& file, const std::string& name) {
  const auto found = file.metadata().find(std::string(kNotePrefix) + name);
  return found == file.metadata().end() ? nullptr : &found->second;
}

}  // namespace mien::model
