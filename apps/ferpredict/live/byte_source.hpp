// Where a stream's bytes come from.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace ferpredict::live {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Waits until there are bytes, writes as many as there are to the front of `out`, which is not empty, and
  /// returns how many; 0 at the end, and when the program is interrupted meanwhile. Throws mien::DataError.
  virtual std::size_t read(std::span<std::uint8_t> out) = 0;
};

/// Reads the descriptor of `file`, for fread would wait until a whole buffer is there. `name` is used in
/// messages.
std::unique_ptr<ByteSource> read_descriptor_of(std::FILE* file, std::string name);

}  // namespace ferpredict::live
