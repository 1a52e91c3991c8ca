#include "mien/core/file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien {

namespace {

constexpr const char* kTemporaryStart = ".mien-";
constexpr const char* kTemporaryEnd = ".tmp";
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxStreamedBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxReadBytes =
    std::numeric_limits<std::size_t>::max() / 4;  // so that one byte more does not wrap

[[noreturn]] void throw_file_error(std::string_view action, const std::filesystem::path& path,
                                   const std::string& problem) {
  throw DataError("[" + std::string(action) + "] " + path.string() + ": " + problem);
}

[[noreturn]] void throw_errno(std::string_view action, const std::filesystem::path& path, int code = errno) {
  throw_file_error(action, path, std::generic_category().message(code));
}

[[noreturn]] void throw_too_large(const std::filesystem::path& path, std::size_t max_bytes) {
  throw_file_error("read", path, "larger than the limit of " + std::to_string(max_bytes) + " bytes");
}

template <typename Call>
auto retry_interrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// A file open for reading.
class InputFile {
 public:
  /// Opening does not wait for a pipe's other end with O_NONBLOCK among the flags.
  explicit InputFile(const std::filesystem::path& path, int flags = 0) : path_(path) {
    descriptor_ = retry_interrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags); });
    if (descriptor_ == -1) throw_errno("read", path);
    if (::fstat(descriptor_, &status_) == -1) {
      const int code = errno;
      ::close(descriptor_);
      throw_errno("read", path, code);
    }
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::close(descriptor_); }

  int descriptor() const { return descriptor_; }
  /// What it is where it is neither a file nor a folder; empty otherwise.
  std::string_view other_kind() const {
    if (S_ISFIFO(status_.st_mode)) return "a pipe";
    if (S_ISSOCK(status_.st_mode)) return "a socket";
    return is_device() ? "a device" : "";
  }
  bool is_device() const { return S_ISCHR(status_.st_mode) || S_ISBLK(status_.st_mode); }
  /// 0 for what has no size known in advance: pipes, devices, files of /proc.
  std::size_t size() const { return S_ISREG(status_.st_mode) ? static_cast<std::size_t>(status_.st_size) : 0; }

  /// Fills as much of `buffer` as one system call gives; 0 at the end.
  std::size_t read_some(std::span<std::byte> buffer) {
    const ssize_t count = retry_interrupted([&] { return ::read(descriptor_, buffer.data(), buffer.size()); });
    if (count == -1) throw_errno("read", path_);
    return static_cast<std::size_t>(count);
  }

 private:
  const std::filesystem::path& path_;
  int descriptor_ = -1;
  struct stat status_ {};
};

/// `Bytes` is a vector of bytes or a string. Starts at the size the file has, and grows with what arrives.
template <typename Bytes>
Bytes read_all(InputFile& file, const std::filesystem::path& path, std::size_t max_bytes) {
  max_bytes = std::min(max_bytes, kMaxReadBytes);
  if (file.size() > max_bytes) throw_too_large(path, max_bytes);
  Bytes bytes;
  // One byte more than expected: a full buffer then means that the file has grown.
  bytes.resize(std::max(file.size() + 1, std::min(kPieceBytes, max_bytes + 1)));
  std::size_t used = 0;
  for (;;) {
    const std::size_t count = file.read_some(std::as_writable_bytes(std::span(bytes)).subspan(used));
    used += count;
    if (used > max_bytes) throw_too_large(path, max_bytes);
    if (count == 0) break;
    if (used == bytes.size()) bytes.resize(used < max_bytes / 2 ? 2 * used : max_bytes + 1);
  }
  bytes.resize(used);
  return bytes;
}

struct Pages {
  std::span<const std::byte> bytes;
  std::size_t reserved;  // from where they begin
};

// What has no size before it has been read. Addresses are reserved for all that may come, memory is taken for
// what does, and nothing is copied, as it is when a vector grows. Nothing where there are no addresses to
// reserve.
std::optional<Pages> read_into_pages(InputFile& file, const std::filesystem::path& path, std::size_t limit) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  const std::size_t reserved = limit + 1;  // to see that there is more
  void* const address = ::mmap(nullptr, reserved, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (address == MAP_FAILED) return std::nullopt;
  const std::span<std::byte> room(static_cast<std::byte*>(address), reserved);
  try {
    std::size_t used = 0;
    while (const std::size_t count =
               file.read_some(room.subspan(used).first(std::min(kPieceBytes, reserved - used)))) {
      used += count;
      if (used > limit) throw_too_large(path, limit);
    }
    return Pages{room.first(used), reserved};
  } catch (...) {
    ::munmap(address, reserved);
    throw;
  }
}

bool exists_as_other_than_file(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

/// Where a chain of symbolic links ends, be there a file or not.
std::filesystem::path follow_links(const std::filesystem::path& path) {
  constexpr int kMaxLinks = 40;  // as many as Linux follows
  std::filesystem::path target = path;
  for (int i = 0; i < kMaxLinks; ++i) {
    std::error_code not_a_link;
    const std::filesystem::path next = std::filesystem::read_symlink(target, not_a_link);
    if (not_a_link) return target;
    target = target.parent_path() / next;  // an absolute `next` replaces the left side
  }
  throw_errno("write", path, ELOOP);
}

/// Before the first byte, so that a private file stays private. Some file systems have no modes: no error.
void copy_mode(const std::filesystem::path& from, int descriptor) {
  struct stat status {};
  if (::stat(from.c_str(), &status) == 0) static_cast<void>(::fchmod(descriptor, status.st_mode & 0777));
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Makes a rename in this folder outlast a power cut.
void sync_folder(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const int descriptor =
      retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor == -1) return;  // a folder one may write but not read: nothing more can be done
  const int result = retry_interrupted([&] { return ::fsync(descriptor); });
  const int code = errno;
  ::close(descriptor);
  // Some file systems cannot sync a folder and say so.
  if (result == -1 && code != EINVAL && code != ENOTSUP) throw_errno("write", path, code);
}

template <typename Bytes>
Bytes read_regular(const std::filesystem::path& path, std::size_t max_bytes) {
  InputFile file(path, O_NONBLOCK);
  if (const std::string_view kind = file.other_kind(); !kind.empty()) {
    throw_file_error("read", path, std::string(kind) + ", not a file");
  }
  return read_all<Bytes>(file, path, max_bytes);
}

}  // namespace

std::string read_regular_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_regular<std::string>(path, max_bytes);
}

std::vector<std::byte> read_regular_file_bytes(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_regular<std::vector<std::byte>>(path, max_bytes);
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  InputFile file(path);
  return read_all<std::string>(file, path, max_bytes);
}

std::vector<std::byte> read_file_bytes(const std::filesystem::path& path, std::size_t max_bytes) {
  InputFile file(path);
  return read_all<std::vector<std::byte>>(file, path, max_bytes);
}

void read_in_pieces(const std::filesystem::path& path,
                    const std::function<void(std::span<const std::byte>)>& take) {
  InputFile file(path);
  std::vector<std::byte> buffer(kPieceBytes);
  while (const std::size_t count = file.read_some(buffer)) take(std::span(buffer).first(count));
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  if (!exists_as_other_than_file(path_)) {
    target_ = follow_links(path_);
    if (!target_.has_filename()) throw_errno("write", path_, ENOENT);
    open_temporary();
    return;
  }
  descriptor_ = retry_interrupted([&] { return ::open(path_.c_str(), O_WRONLY | O_CLOEXEC); });
  if (descriptor_ == -1) throw_errno("write", path_);
}

void AtomicFile::open_temporary() {
  static std::atomic<unsigned> counter{0};
  constexpr int kMaxAttempts = 1000;  // names left behind by a process of the same id that was killed
  for (int i = 0; i < kMaxAttempts; ++i) {
    const unsigned number = counter.fetch_add(1, std::memory_order_relaxed);
    temporary_ = folder_of(target_) /
                 (kTemporaryStart + std::to_string(::getpid()) + "-" + std::to_string(number) + kTemporaryEnd);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    // Mode 0666 lets the umask decide, as for any new file.
    descriptor_ = retry_interrupted([&] { return ::open(temporary_.c_str(), kFlags, 0666); });
    if (descriptor_ != -1) {
      copy_mode(target_, descriptor_);
      return;
    }
    if (errno != EEXIST) break;
  }
  throw_errno("write", path_);
}

AtomicFile::~AtomicFile() {
  discard();
}

void AtomicFile::discard() noexcept {
  if (descriptor_ == -1) return;
  ::close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (descriptor_ == -1) throw ArgumentError("[write] " + path_.string() + ": already committed");
  while (!bytes.empty()) {
    const ssize_t count = retry_interrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (count == -1) throw_errno("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::commit() {
  if (descriptor_ == -1) throw ArgumentError("[write] " + path_.string() + ": already committed");
  if (temporary_.empty()) {
    // Written to directly, so there is nothing to rename, and pipes cannot be synced.
    if (::close(std::exchange(descriptor_, -1)) == -1 && errno != EINTR) throw_errno("write", path_);
    return;
  }
  if (retry_interrupted([&] { return ::fsync(descriptor_); }) == -1) throw_errno("write", path_);
  // NFS reports a full disk as late as here. After EINTR, Linux has closed the file all the same.
  const bool closed = ::close(std::exchange(descriptor_, -1)) == 0 || errno == EINTR;
  if (!closed || ::rename(temporary_.c_str(), target_.c_str()) == -1) {
    const int code = errno;
    ::unlink(temporary_.c_str());
    throw_errno("write", path_, code);
  }
  sync_folder(folder_of(target_), path_);
}

void write_file_atomically(const std::filesystem::path& path, const std::function<void(AtomicFile&)>& writer) {
  AtomicFile file(path);
  writer(file);
  file.commit();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  write_file_atomically(path, [&](AtomicFile& file) { file.write(text); });
}

bool is_abandoned_temporary(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string_view start = kTemporaryStart, end = kTemporaryEnd;
  if (!name.starts_with(start) || !name.ends_with(end) || name.size() < start.size() + end.size()) return false;
  const std::vector<std::string_view> numbers =
      split(std::string_view(name).substr(start.size(), name.size() - start.size() - end.size()), '-');
  if (numbers.size() != 2 || !parse_index(numbers[1])) return false;
  const std::optional<Index> process = parse_index(numbers[0]);
  if (!process || *process < 1 || *process > std::numeric_limits<pid_t>::max()) return false;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  return ::kill(static_cast<pid_t>(*process), 0) == -1 && errno == ESRCH;
}

MappedFile MappedFile::open(const std::filesystem::path& path, std::size_t max_bytes) {
  InputFile file(path);
  if (file.is_device()) throw_file_error("read", path, "a device, not a file");
  if (file.size() > max_bytes) throw_too_large(path, max_bytes);
  void* address = MAP_FAILED;
  if (file.size() > 0) {
    address = ::mmap(nullptr, file.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, file.descriptor(), 0);
  }
  if (address == MAP_FAILED) {
    // Also what a directory comes to, which then fails to read with the right words.
    const std::size_t limit = std::min(max_bytes, kMaxStreamedBytes);
    if (!file.other_kind().empty()) {
      if (const std::optional<Pages> pages = read_into_pages(file, path, limit)) {
        MappedFile streamed;
        streamed.path_ = path;
        streamed.bytes_ = pages->bytes;
        streamed.mapped_ = pages->reserved;
        return streamed;
      }
    }
    return from_bytes(read_all<std::vector<std::byte>>(file, path, limit), path);
  }
  MappedFile mapped;
  mapped.path_ = path;
  mapped.bytes_ = {static_cast<const std::byte*>(address), file.size()};
  mapped.mapped_ = file.size();
  return mapped;
}

MappedFile MappedFile::from_bytes(std::vector<std::byte> bytes, std::filesystem::path path) {
  MappedFile file;
  file.path_ = std::move(path);
  file.read_ = std::move(bytes);
  file.bytes_ = file.read_;
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      bytes_(std::exchange(other.bytes_, {})),
      read_(std::move(other.read_)),
      mapped_(std::exchange(other.mapped_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  std::swap(read_, other.read_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

MappedFile::~MappedFile() {
  if (mapped_ > 0) ::munmap(const_cast<std::byte*>(bytes_.data()), mapped_);
}

}  // namespace mien
