// Any bytes: the reader throws DataError or gives entries that tile the data, in order and within it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/safetensors.hpp"

namespace {

using mien::MappedFile;
using mien::model::SafetensorsFile;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::optional<SafetensorsFile> open(std::span<const std::byte> bytes) {
  try {
    return SafetensorsFile(MappedFile::from_bytes({bytes.begin(), bytes.end()}, "fuzz"));
  } catch (const mien::DataError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::optional<SafetensorsFile> file = open(std::as_bytes(std::span(data, size)));
  if (!file) return 0;
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, data, sizeof(header_bytes));
  std::size_t end = sizeof(header_bytes) + header_bytes;
  for (const auto& entry : file->tensors()) {
    expect(file->find(entry.name) == &entry);
    expect(static_cast<std::size_t>(entry.shape.size()) * bytes_of(entry.dtype) == entry.bytes.size());
    expect(end + entry.bytes.size() <= size);
    expect(std::vector<std::byte>(entry.bytes.begin(), entry.bytes.end()) ==
           std::vector<std::byte>(reinterpret_cast<const std::byte*>(data) + end,
                                  reinterpret_cast<const std::byte*>(data) + end + entry.bytes.size()));
    end += entry.bytes.size();
    using mien::model::DType;
    if (entry.dtype != DType::f32 && entry.dtype != DType::f16 && entry.dtype != DType::bf16) continue;
    try {
      expect(file->tensor(entry.name).shape() == entry.shape);
    } catch (const mien::DataError&) {
      expect(file->has_digests());
    }
  }
  expect(end == size);
  return 0;
}
