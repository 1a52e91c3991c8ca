#include "mien/model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "core/stable_sort.hpp"
#include "core/to_index.hpp"
#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/core/text.hpp"
#include "model/digests.hpp"
#include "model/half.hpp"

namespace mien::model {

static_assert(std::endian::native == std::endian::little, "tensors are written and read as they lie in memory");

namespace {

constexpr std::size_t kLengthBytes = 8;
// The format asks for 8. Some processors fetch lines in pairs, and rows of weights whose columns are read a few
// lines at a time lie better when these are whole pairs: the paper's network then takes 55 ms for 50 images,
// not 75.
constexpr std::size_t kDataAlignment = 128;
constexpr std::size_t kMaxFileBytes =
    std::numeric_limits<std::size_t>::max();  // mapped, so not a matter of memory
constexpr std::string_view kMetadataKey = "__metadata__";
// With the digests: of each tensor, and of the header.
constexpr std::size_t kMostTexts = SafetensorsLimits::kMaxMetadata + SafetensorsLimits::kMaxTensors + 1;

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<DTypeRow, 13> kDTypes = {{{DType::f64, "F64", 8},
                                               {DType::f32, "F32", 4},
                                               {DType::f16, "F16", 2},
                                               {DType::bf16, "BF16", 2},
                                               {DType::i64, "I64", 8},
                                               {DType::i32, "I32", 4},
                                               {DType::i16, "I16", 2},
                                               {DType::i8, "I8", 1},
                                               {DType::u64, "U64", 8},
                                               {DType::u32, "U32", 4},
                                               {DType::u16, "U16", 2},
                                               {DType::u8, "U8", 1},
                                               {DType::boolean, "BOOL", 1}}};

const DTypeRow& row_of(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)];
}

std::optional<DType> parse_dtype(std::string_view name) {
  const auto row =
      std::find_if(kDTypes.begin(), kDTypes.end(), [&](const DTypeRow& r) { return r.name == name; });
  if (row == kDTypes.end()) return std::nullopt;
  return row->dtype;
}

/// Nothing when the product does not fit.
std::optional<std::size_t> byte_count(const Shape& shape, DType dtype) {
  const auto size = static_cast<std::size_t>(shape.size());
  if (size > std::numeric_limits<std::size_t>::max() / bytes_of(dtype)) return std::nullopt;
  return size * bytes_of(dtype);
}

/// Builds the entries from the header, all of it distrusted.
class HeaderReader {
 public:
  HeaderReader(const std::filesystem::path& path, std::span<const std::byte> bytes) : path_(path.string()) {
    if (bytes.size() < kLengthBytes) fail("too short for a safetensors file");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    start_ = {reinterpret_cast<const char*>(bytes.data()), kLengthBytes};
    bytes = bytes.subspan(kLengthBytes);
    if (length > SafetensorsLimits::kMaxHeaderBytes) {
      fail("not a safetensors file, or its header of " + std::to_string(length) + " bytes is too long");
    }
    if (length > bytes.size()) {
      fail("the header of " + std::to_string(length) +
           " bytes does not fit the file, it is cut short or damaged");
    }
    header_ = {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length)};
    start_ = {start_.data(), kLengthBytes + header_.size()};
    data_ = bytes.subspan(header_.size());
  }

  void read(Metadata& metadata, Metadata& digests, std::vector<TensorEntry>& tensors) {
    const bool sealed = check_header(start_, path_);
    if (!header_.starts_with('{')) fail("the header does not begin with '{'");
    // A tensor is an object of a string, up to kMaxRank extents and two offsets in two arrays.
    constexpr std::size_t kValues = 2 + kMostTexts + SafetensorsLimits::kMaxTensors * (Shape::kMaxRank + 6);
    const Json header = parse_json(header_, path_ + ": header", {.max_depth = 3, .max_values = kValues});
    for (const auto& [key, value] : header.as_object()) {
      if (key == kMetadataKey) {
        read_metadata(value, metadata, digests);
      } else {
        tensors.push_back(read_entry(key, value, tensors.size()));
      }
    }
    check_layout(tensors);
    check_complete(digests, tensors, sealed, path_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw DataError(path_ + ": " + problem); }

  void read_metadata(const Json& value, Metadata& metadata, Metadata& digests) const {
    const std::string where = path_ + ": " + std::string(kMetadataKey);
    const Json::Object& members = value.as_object(where);
    for (const auto& [name, text] : members) {
      const std::string& value_text = text.as_string(where + " " + quote(name));
      if (!is_digest_key(name)) {
        metadata.emplace(name, value_text);
      } else if (name != kHeaderDigestKey) {
        digests.emplace(name.substr(kTensorDigestPrefix.size()), value_text);
      }
    }
    if (metadata.size() > SafetensorsLimits::kMaxMetadata)
      fail("more than " + std::to_string(SafetensorsLimits::kMaxMetadata) + " metadata");
  }

  TensorEntry read_entry(const std::string& name, const Json& value, std::size_t count) const {
    if (count == SafetensorsLimits::kMaxTensors)
      fail("more than " + std::to_string(SafetensorsLimits::kMaxTensors) + " tensors");
    const std::string where = path_ + ": tensor " + quote(name);
    if (name.size() > SafetensorsLimits::kMaxNameBytes) throw DataError(where + ": the name is too long");
    for (const auto& [field, unused] : value.as_object(where)) {
      if (field != "dtype" && field != "shape" && field != "data_offsets") {
        throw DataError(where + ": unknown field " + quote(field));
      }
    }
    const std::string& dtype_name = value.at("dtype", where).as_string(where + " dtype");
    const std::optional<DType> dtype = parse_dtype(dtype_name);
    if (!dtype) throw DataError(where + ": unknown dtype " + quote(dtype_name));
    const Shape shape = read_shape(value.at("shape", where), where);
    const std::span<const std::byte> bytes = read_bytes(value.at("data_offsets", where), where);
    if (byte_count(shape, *dtype) != bytes.size()) {
      throw DataError(where + ": " + std::to_string(bytes.size()) + " bytes do not hold " + shape.to_string() +
                      " of " + dtype_name);
    }
    return {name, *dtype, shape, bytes};
  }

  static Shape read_shape(const Json& value, const std::string& where) {
    const Json::Array& extents = value.as_array(where + " shape");
    if (extents.size() > Shape::kMaxRank) {
      throw DataError(where + ": at most " + std::to_string(Shape::kMaxRank) + " extents, found " +
                      std::to_string(extents.size()));
    }
    std::array<Index, Shape::kMaxRank> values{};
    for (std::size_t i = 0; i < extents.size(); ++i) {
      values[i] = mien::detail::to_index(extents[i].as_integer(where + " shape"));
    }
    try {
      return Shape(std::span<const Index>(values.data(), extents.size()));
    } catch (const ArgumentError& error) {
      throw DataError(where + ": " + error.what());
    }
  }

  std::span<const std::byte> read_bytes(const Json& value, const std::string& where) const {
    const Json::Array& offsets = value.as_array(where + " data_offsets");
    if (offsets.size() != 2) throw DataError(where + ": data_offsets are not two");
    const std::int64_t begin = offsets[0].as_integer(where + " data_offsets");
    const std::int64_t end = offsets[1].as_integer(where + " data_offsets");
    if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > data_.size()) {
      throw DataError(where + ": data_offsets " + std::to_string(begin) + " .. " + std::to_string(end) +
                      " are not in 0 .. " + std::to_string(data_.size()));
    }
    return data_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  }

  /// Sorts by position; then each must begin where the one before ends, and the last end with the file.
  void check_layout(std::vector<TensorEntry>& tensors) const {
    const auto position = [](const TensorEntry& t) { return std::pair(t.bytes.data(), t.bytes.size()); };
    mien::detail::stable_sort(
        tensors, [&](const TensorEntry& a, const TensorEntry& b) { return position(a) < position(b); });
    const std::byte* end = data_.data();
    for (const TensorEntry& tensor : tensors) {
      if (tensor.bytes.data() != end) {
        fail("tensor " + quote(tensor.name) + ": its bytes " +
             (tensor.bytes.data() < end ? "overlap another tensor's" : "leave a gap before them"));
      }
      end = tensor.bytes.data() + tensor.bytes.size();
    }
    const std::ptrdiff_t unused = data_.data() + data_.size() - end;
    if (unused > 0) fail(std::to_string(unused) + " bytes behind the last tensor");
  }

  std::string path_;
  std::string_view start_;  // length and header
  std::string_view header_;
  std::span<const std::byte> data_;
};

void check_entry(const TensorEntry& tensor, std::set<std::string_view>& names) {
  const auto fail = [&](const std::string& problem) {
    throw ArgumentError("[safetensors] tensor " + quote(tensor.name) + " " + problem);
  };
  if (tensor.name == kMetadataKey) fail("has a reserved name");
  if (tensor.name.size() > SafetensorsLimits::kMaxNameBytes) fail("has too long a name");
  if (!is_utf8(tensor.name)) fail("has a name that is not UTF-8");
  if (!names.insert(tensor.name).second) fail("is given twice");
  if (byte_count(tensor.shape, tensor.dtype) != tensor.bytes.size()) {
    fail("of " + tensor.shape.to_string() + " has " + std::to_string(tensor.bytes.size()) + " bytes");
  }
}

// As they stand behind the other metadata; the header's own are filled in when all of it is there.
void append_digests(Json::Object& texts, std::span<const TensorEntry> tensors) {
  texts.push_back({std::string(kHeaderDigestKey), "00000000"});
  for (const TensorEntry& tensor : tensors) {
    texts.push_back({std::string(kTensorDigestPrefix) + tensor.name, digest_of(tensor.bytes)});
  }
}

/// Length and JSON, padded with spaces.
std::string make_header(const Metadata& metadata, std::span<const TensorEntry> tensors) {
  if (tensors.size() > SafetensorsLimits::kMaxTensors) throw ArgumentError("[safetensors] too many tensors");
  if (metadata.size() > SafetensorsLimits::kMaxMetadata) throw ArgumentError("[safetensors] too many metadata");
  std::set<std::string_view> names;
  for (const TensorEntry& tensor : tensors) check_entry(tensor, names);
  Json::Object texts;
  for (const auto& [name, text] : metadata) {
    if (is_digest_key(name)) throw ArgumentError("[safetensors] metadata " + quote(name) + " is reserved");
    texts.push_back({name, text});
  }
  append_digests(texts, tensors);
  Json::Object header;
  header.push_back({std::string(kMetadataKey), std::move(texts)});
  std::size_t offset = 0;
  for (const TensorEntry& tensor : tensors) {
    const auto extents = tensor.shape.extents();
    Json entry;
    entry.set("dtype", to_string(tensor.dtype));
    entry.set("shape", Json::Array(extents.begin(), extents.end()));
    entry.set("data_offsets", Json::Array{offset, offset + tensor.bytes.size()});
    header.push_back({tensor.name, std::move(entry)});
    offset += tensor.bytes.size();
  }
  std::string text = to_json(std::move(header));
  const std::size_t unpadded = kLengthBytes + text.size();
  text.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');
  if (text.size() > SafetensorsLimits::kMaxHeaderBytes)
    throw ArgumentError("[safetensors] the header is too long");
  const std::uint64_t length = text.size();
  std::array<char, kLengthBytes> prefix;
  std::memcpy(prefix.data(), &length, kLengthBytes);
  std::string start = std::string(prefix.data(), kLengthBytes) + text;
  seal_header(start);
  return start;
}

}  // namespace

std::string_view to_string(DType dtype) {
  return row_of(dtype).name;
}

std::size_t bytes_of(DType dtype) {
  return row_of(dtype).bytes;
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  return SafetensorsFile(MappedFile::open(path, kMaxFileBytes));
}

SafetensorsFile::SafetensorsFile(MappedFile file) : file_(std::make_shared<MappedFile>(std::move(file))) {
  HeaderReader(file_->path(), file_->bytes()).read(metadata_, digests_, tensors_);
  for (std::size_t i = 0; i < tensors_.size(); ++i) by_name_.emplace(tensors_[i].name, i);
}

const TensorEntry* SafetensorsFile::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

const TensorEntry& SafetensorsFile::float_entry(std::string_view name) const {
  const TensorEntry* entry = find(name);
  if (entry == nullptr) throw DataError(path().string() + ": no tensor " + quote(name));
  if (entry->dtype != DType::f32 && entry->dtype != DType::f16 && entry->dtype != DType::bf16) {
    throw DataError(path().string() + ": tensor " + quote(name) + ": expected F32, F16 or BF16, found " +
                    std::string(to_string(entry->dtype)));
  }
  return *entry;
}

Tensor SafetensorsFile::tensor(std::string_view name) const {
  const TensorEntry& entry = float_entry(name);
  verify(entry);
  if (entry.dtype != DType::f32) return widened(entry);
  Tensor tensor = Tensor::uninitialized(entry.shape);
  // An empty span may be a null pointer, which memcpy must not see.
  if (!entry.bytes.empty()) std::memcpy(tensor.mutable_data(), entry.bytes.data(), entry.bytes.size());
  return tensor;
}

Tensor SafetensorsFile::mapped_tensor(std::string_view name) const {
  const TensorEntry& entry = float_entry(name);
  if (entry.dtype != DType::f32) {
    verify(entry);
    return widened(entry);
  }
  const std::shared_ptr<const void> values = share(entry);
  // Mapped memory may be written to, and a copy too.
  return Tensor::alias(entry.shape, static_cast<float*>(const_cast<void*>(values.get())), values);
}

void SafetensorsFile::verify(const TensorEntry& entry) const {
  const auto found = digests_.find(entry.name);
  if (found == digests_.end() || found->second == digest_of(entry.bytes)) return;
  throw DataError(path().string() + ": tensor " + quote(entry.name) + " is " + std::string(kDamaged));
}

void SafetensorsFile::verify() const {
  for (const TensorEntry& tensor : tensors_) verify(tensor);
}

std::shared_ptr<const void> SafetensorsFile::share(const TensorEntry& entry) const {
  verify(entry);
  const void* bytes = entry.bytes.data();
  if (reinterpret_cast<std::uintptr_t>(bytes) % bytes_of(entry.dtype) == 0) return {file_, bytes};
  auto copy = std::make_shared<std::vector<std::byte>>(entry.bytes.begin(), entry.bytes.end());
  return {copy, copy->data()};
}

void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       std::span<const NamedTensor> tensors) {
  std::vector<TensorEntry> entries;
  entries.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined()) throw ArgumentError("[safetensors] tensor " + quote(name) + " is undefined");
    entries.push_back({name, DType::f32, tensor.shape(), std::as_bytes(tensor.values())});
  }
  write_safetensors(path, metadata, std::span<const TensorEntry>(entries));
}

void write_safetensors(const std::filesystem::path& path, const Metadata& metadata,
                       std::span<const TensorEntry> tensors) {
  const std::string header = make_header(metadata, tensors);
  write_file_atomically(path, [&](AtomicFile& file) {
    file.write(header);
    for (const TensorEntry& tensor : tensors) file.write(tensor.bytes);
  });
}

}  // namespace mien::model
