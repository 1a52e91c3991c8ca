// Files: reading with a limit, mapping, and writing so that a reader never sees half a file.
// Every failure is a DataError such as `[write] runs/a/best.safetensors: No space left on device`.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien {

/// The whole file; at most `max_bytes`, checked before and while reading, so that a file that grows or a
/// device without end is refused too.
std::string read_file(const std::filesystem::path& path, std::size_t max_bytes);
/// The same as bytes.
std::vector<std::byte> read_file_bytes(const std::filesystem::path& path, std::size_t max_bytes);
/// The same of what is a file: pipes, devices and sockets, which may keep whoever reads them waiting for ever,
/// are refused.
std::string read_regular_file(const std::filesystem::path& path, std::size_t max_bytes);
/// As read_regular_file().
std::vector<std::byte> read_regular_file_bytes(const std::filesystem::path& path, std::size_t max_bytes);

/// Calls `take` with consecutive pieces of the file, each at most 1 MiB and valid during the call only.
void read_in_pieces(const std::filesystem::path& path,
                    const std::function<void(std::span<const std::byte>)>& take);

/// A file that appears under its name complete or not at all. Bytes go to a temporary file in the same
/// folder; commit() writes it through to the disk and renames it. Without a commit the destructor removes
/// it and the old file stays as it was. A link is followed, the mode of an old file is kept. A name of
/// something other than a file (a pipe, /dev/stdout) is written to directly.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Appends bytes. Throws DataError when they cannot be written.
  void write(std::span<const std::byte> bytes);
  /// Appends text.
  void write(std::string_view text) { write(std::as_bytes(std::span<const char>(text))); }
  /// To be called once, after the last write. When it throws, the old file is still there, unless only the
  /// folder could not be written through: then the new one is.
  void commit();

 private:
  void open_temporary();
  void discard() noexcept;

  std::filesystem::path path_;       // as given, for messages
  std::filesystem::path target_;     // links followed
  std::filesystem::path temporary_;  // empty: writing to the target directly
  int descriptor_ = -1;
};

/// Calls `writer` and commits, unless it throws.
void write_file_atomically(const std::filesystem::path& path, const std::function<void(AtomicFile&)>& writer);
/// Writes `text` and commits.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Whether this is the temporary file of an AtomicFile whose process is gone, having been killed.
bool is_abandoned_temporary(const std::filesystem::path& path);

/// A file's bytes, mapped into memory where that is possible, else (pipes) read: then at most 1 GiB. The memory
/// is this process's own: writing to it does not change the file.
/// Another process that shortens a mapped file in place kills this one with SIGBUS; AtomicFile does not
/// shorten files, it replaces them.
class MappedFile {
 public:
  /// Refuses directories, devices and files of more than `max_bytes`.
  static MappedFile open(const std::filesystem::path& path, std::size_t max_bytes);
  /// Holds `bytes` as if they had been read from `path`.
  static MappedFile from_bytes(std::vector<std::byte> bytes, std::filesystem::path path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  /// Stays in place when the MappedFile is moved. Page-aligned when mapped.
  std::span<const std::byte> bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  MappedFile() = default;

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  std::vector<std::byte> read_;  // what bytes_ points into when nothing is mapped
  std::size_t mapped_ = 0;       // bytes, from where bytes_ begins; 0 where they are in read_
};

}  // namespace mien
