// The safetensors container: named tensors and a text-to-text map, no code, no pickles.
// Layout: 8 bytes little-endian header length, a JSON header, the tensors' bytes without gaps.
// https://github.com/huggingface/safetensors#format
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/core/shape.hpp"
#include "mien/core/tensor.hpp"

namespace mien::model {

/// The types of numbers that the format knows.
enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

/// The format's name, such as "BF16".
std::string_view to_string(DType dtype);
/// Bytes of one number, 1 to 8.
std::size_t bytes_of(DType dtype);

/// A tensor to be written, under its name.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// A tensor as it lies in a file: little-endian, row-major, at any alignment.
struct TensorEntry {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  std::span<const std::byte> bytes;
};

/// The texts that a file holds beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// What a file may hold; both the reader and the writer refuse more.
struct SafetensorsLimits {
  static constexpr std::size_t kMaxHeaderBytes = 100'000'000;  ///< the format's own limit
  static constexpr std::size_t kMaxTensors = 65536;
  static constexpr std::size_t kMaxMetadata = 65536;
  static constexpr std::size_t kMaxNameBytes = 1024;
};

/// A file open for reading. Everything about its layout is checked when it is opened, so that entries can be
/// trusted. Where a file has digests (write_safetensors writes them), its header is compared with its own when
/// it is opened, and a tensor when its values are first asked for, by tensor(), mapped_tensor() or share(): any
/// flipped bit is a DataError that names the tensor or the metadata. They are CRC-32s, which protect against no
/// intent.
class SafetensorsFile {
 public:
  /// Throws DataError naming the file and the tensor for anything the format forbids: a header that is
  /// longer than the file or no JSON, unknown dtypes and fields, a shape with more than Shape::kMaxRank
  /// extents or that does not match its bytes, bytes that are shared, missing or belong to no tensor, ...
  static SafetensorsFile open(const std::filesystem::path& path);
  /// As open; file.path() is the name in messages.
  explicit SafetensorsFile(MappedFile file);
  /// Compares all tensors with their digests. Throws DataError naming the first that is damaged.
  void verify() const;
  /// Whether the file has digests of its header and of all tensors; files from before there were any have none.
  bool has_digests() const { return !digests_.empty(); }

  SafetensorsFile(const SafetensorsFile&) = delete;  // by_name_ holds views of tensors_
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;
  SafetensorsFile(SafetensorsFile&&) noexcept = default;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept = default;

  const std::filesystem::path& path() const { return file_->path(); }
  /// The whole file, as it was when it was opened unless it has been written to in place.
  std::span<const std::byte> bytes() const { return file_->bytes(); }
  /// Without the digests.
  const Metadata& metadata() const { return metadata_; }
  /// In the order of their bytes. Spans are valid while this object, or what it was moved to, lives.
  std::span<const TensorEntry> tensors() const { return tensors_; }
  /// Whether there is a tensor of that name.
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// nullptr when there is no such tensor.
  const TensorEntry* find(std::string_view name) const;
  /// A copy, F16 and BF16 made fp32. Throws DataError when there is no such tensor or it is of another dtype.
  Tensor tensor(std::string_view name) const;
  /// The same, F32 in place where it can be: the tensor keeps the file mapped while it lives.
  Tensor mapped_tensor(std::string_view name) const;
  /// The entry's bytes in place, keeping the file mapped; a copy when they are not aligned for their type.
  std::shared_ptr<const void> share(const TensorEntry& entry) const;

 private:
  const TensorEntry& float_entry(std::string_view name) const;
  void verify(const TensorEntry& entry) const;

  std::shared_ptr<const MappedFile> file_;
  Metadata metadata_;
  Metadata digests_;  // by tensor
  std::vector<TensorEntry> tensors_;
  std::map<std::string_view, std::size_t> by_name_;  // the names of tensors_
};

/// Writes F32 tensors in the order given; the data begins at a multiple of 128 bytes. The file appears under
/// its name complete or not at all (AtomicFile); the tensors' data is not copied. The same input gives the
/// same bytes. Digests are among the metadata: "mien.crc32.NAME" is the CRC-32 of a tensor's bytes, as zlib has
/// it, in eight hexadecimal digits, and "mien.crc32" that of the length and the header with its own digits
/// taken as zeros. Throws DataError when writing fails, ArgumentError for undefined tensors, a name that is
/// given twice, is not UTF-8, or is "__metadata__", metadata with the name of a digest, and for what is beyond
/// SafetensorsLimits.
void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       std::span<const NamedTensor> tensors);
/// The same for any dtype. Throws ArgumentError also when bytes do not match shape and dtype.
void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       std::span<const TensorEntry> tensors);

}  // namespace mien::model
