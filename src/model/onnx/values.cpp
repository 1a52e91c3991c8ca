#include "model/onnx/values.hpp"

#include <cmath>
#include <cstdint>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/half.hpp"
#include "model/onnx/tensor_parser.hpp"
#include "ops/ops.hpp"

namespace mien::model {
namespace {

constexpr std::size_t kMaxIntegers = 64;

// Bytes that are aligned for floats where they lie.
Tensor in_place(const OnnxTensor& tensor, const std::shared_ptr<const MappedFile>& file) {
  const std::shared_ptr<const void> owner = tensor.owned ? std::shared_ptr<const void>(tensor.owned) : file;
  // Mapped memory may be written to, and a copy too.
  auto* values = const_cast<float*>(reinterpret_cast<const float*>(tensor.bytes.data()));
  return Tensor::alias(tensor.shape, values, owner);
}

bool is_aligned(std::span<const std::byte> bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
}

template <typename Value>
Tensor narrowed(const OnnxTensor& tensor) {
  Tensor values = Tensor::uninitialized(tensor.shape);
  for (Index i = 0; i < values.size(); ++i) {
    values.mutable_data()[i] = static_cast<float>(load_onnx<Value>(tensor.bytes, static_cast<std::size_t>(i)));
  }
  return values;
}

Tensor values_of(const OnnxTensor& tensor, const std::shared_ptr<const MappedFile>& file) {
  switch (tensor.type) {
    case OnnxType::f16:
      return widened({tensor.name, DType::f16, tensor.shape, tensor.bytes});
    case OnnxType::bf16:
      return widened({tensor.name, DType::bf16, tensor.shape, tensor.bytes});
    case OnnxType::f64:
      return narrowed<double>(tensor);
    default:
      return is_aligned(tensor.bytes) && !tensor.bytes.empty() ? in_place(tensor, file)
                                                               : narrowed<float>(tensor);
  }
}

template <typename Value>
std::vector<Index> integers(const OnnxTensor& tensor) {
  std::vector<Index> values(static_cast<std::size_t>(tensor.shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<Index>(load_onnx<Value>(tensor.bytes, i));
  }
  return values;
}

void require_here(const OnnxTensor& tensor, const std::string& where) {
  if (!tensor.elsewhere.empty()) {
    throw DataError(where + "the constant " + quote(tensor.name) + ": " + tensor.elsewhere);
  }
}

}  // namespace

bool is_real(OnnxType type) {
  return type == OnnxType::f32 || type == OnnxType::f16 || type == OnnxType::bf16 || type == OnnxType::f64;
}

Tensor real_values(const OnnxTensor& tensor, const std::shared_ptr<const MappedFile>& file,
                   const std::string& where) {
  require_here(tensor, where);
  if (!is_real(tensor.type))
    throw DataError(where + "the constant " + quote(tensor.name) + " is not of floats");
  Tensor values = values_of(tensor, file);
  if (!ops::all_finite(values.data(), values.size())) {
    throw DataError(where + "the constant " + quote(tensor.name) +
                    " holds NaN, infinity or what fp32 cannot hold");
  }
  return values;
}

std::vector<Index> integer_values(const OnnxTensor& tensor, const std::string& where) {
  require_here(tensor, where);
  if (tensor.shape.size() > static_cast<Index>(kMaxIntegers)) {
    throw DataError(where + "the constant " + quote(tensor.name) + " is not of a few integers");
  }
  switch (tensor.type) {
    case OnnxType::i64:
      return integers<std::int64_t>(tensor);
    case OnnxType::i32:
      return integers<std::int32_t>(tensor);
    case OnnxType::boolean:
      return integers<std::uint8_t>(tensor);
    default:
      throw DataError(where + "the constant " + quote(tensor.name) + " is not of integers");
  }
}

}  // namespace mien::model
