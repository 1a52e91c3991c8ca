#include "mien/core/file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::AtomicFile;
using mien::DataError;
using mien::MappedFile;
using mien::read_file;
using mien::write_file_atomically;
using mien::test::TemporaryFolder;
namespace fs = std::filesystem;
using mien::test::error_of;

namespace {

constexpr std::size_t kLimit = std::size_t{1} << 24;

std::string read_error(const fs::path& path, std::size_t limit = kLimit) {
  return error_of([&] { read_file(path, limit); });
}

std::string write_error(const fs::path& path) {
  return error_of([&] { write_file_atomically(path, "text"); });
}

std::string counting_bytes(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 2654435761u >> 13);
  return text;
}

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

/// The two ends of a pipe, and the name that opens one of them again.
struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends[i] != -1) ::close(ends[i]);
    ends[i] = -1;
  }
  fs::path name_of(int i) const { return "/proc/self/fd/" + std::to_string(ends[i]); }
  int ends[2];
};

}  // namespace

TEST_CASE("a file reads back as it was written") {
  const TemporaryFolder folder;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4096}, (std::size_t{3} << 20) + 7}) {
    CAPTURE(size);
    const std::string text = counting_bytes(size);
    write_file_atomically(folder / "a", text);
    CHECK(read_file(folder / "a", kLimit) == text);
    const std::vector<std::byte> bytes = mien::read_file_bytes(folder / "a", kLimit);
    CHECK(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == text);
    CHECK(MappedFile::open(folder / "a", kLimit).text() == text);
    std::string pieces;
    mien::read_in_pieces(folder / "a", [&](std::span<const std::byte> piece) {
      pieces.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    });
    CHECK(pieces == text);
    CHECK(folder.count() == 1);
  }
}

TEST_CASE("reading is limited to the size asked for") {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_atomically(path, "12345");
  CHECK(read_file(path, 5) == "12345");
  CHECK(read_file(path, SIZE_MAX) == "12345");
  CHECK(read_error(path, 4) == "[read] " + path + ": larger than the limit of 4 bytes");
  CHECK(read_error(path, 0) == "[read] " + path + ": larger than the limit of 0 bytes");
  CHECK(error_of([&] { MappedFile::open(path, 4); }) ==
        "[read] " + path + ": larger than the limit of 4 bytes");
}

TEST_CASE("files without a known size are read to their end or to the limit") {
  CHECK(read_error("/dev/zero", 100) == "[read] /dev/zero: larger than the limit of 100 bytes");
  CHECK(read_file("/dev/null", 0).empty());
  CHECK(read_file("/proc/self/status", kLimit).find("Pid:") != std::string::npos);
  CHECK(read_error("/proc/self/status", 10) == "[read] /proc/self/status: larger than the limit of 10 bytes");
  CHECK(MappedFile::open("/proc/self/status", kLimit).text().find("Pid:") != std::string_view::npos);
}

TEST_CASE("a pipe is read where a file is mapped") {
  Pipe pipe;
  REQUIRE(::write(pipe.ends[1], "hello", 5) == 5);
  pipe.close_end(1);
  const MappedFile file = MappedFile::open(pipe.name_of(0), kLimit);
  CHECK(file.text() == "hello");
}

TEST_CASE("what cannot be read is named with the reason") {
  const TemporaryFolder folder;
  const std::string missing = folder / "missing";
  CHECK(read_error(missing) == "[read] " + missing + ": No such file or directory");
  CHECK(read_error(folder.path()) == "[read] " + folder.path().string() + ": Is a directory");
  CHECK(error_of([&] { MappedFile::open(missing, 9); }) == "[read] " + missing + ": No such file or directory");
  CHECK(error_of([&] { MappedFile::open(folder.path(), 9); }) ==
        "[read] " + folder.path().string() + ": Is a directory");
  CHECK(error_of([&] { MappedFile::open("/dev/zero", 9); }) == "[read] /dev/zero: a device, not a file");
  write_file_atomically(folder / "file", "x");
  const std::string inside = folder / "file/inside";
  CHECK(read_error(inside) == "[read] " + inside + ": Not a directory");
  if (::geteuid() != 0) {
    fs::permissions(folder / "file", fs::perms::none);
    CHECK(read_error(folder / "file") == "[read] " + (folder / "file").string() + ": Permission denied");
  }
}

TEST_CASE("a mapped file may be moved without its bytes moving") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "mapped");
  for (const bool mapped : {true, false}) {
    MappedFile file = mapped ? MappedFile::open(folder / "a", kLimit)
                             : MappedFile::from_bytes(std::vector<std::byte>(6, std::byte{'m'}), "memory");
    const std::byte* before = file.bytes().data();
    MappedFile moved = std::move(file);
    CHECK(moved.bytes().data() == before);
    MappedFile assigned = MappedFile::from_bytes({}, "empty");
    assigned = std::move(moved);
    CHECK(assigned.bytes().data() == before);
    CHECK(assigned.text() == (mapped ? "mapped" : "mmmmmm"));
    CHECK(assigned.path() == (mapped ? folder / "a" : fs::path("memory")));
  }
}

TEST_CASE("a replaced file stays what it was for those who have it mapped") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  const MappedFile old = MappedFile::open(folder / "a", kLimit);
  write_file_atomically(folder / "a", "");
  CHECK(old.text() == "old");
  CHECK(read_file(folder / "a", kLimit).empty());
}

TEST_CASE("the old file is there until the commit") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  AtomicFile file(folder / "a");
  file.write("ne");
  file.write("w");
  CHECK(read_file(folder / "a", kLimit) == "old");
  CHECK(folder.count() == 2);
  file.commit();
  CHECK(read_file(folder / "a", kLimit) == "new");
  CHECK(folder.count() == 1);
  CHECK_THROWS_AS(file.write("more"), mien::ArgumentError);
  CHECK_THROWS_AS(file.commit(), mien::ArgumentError);
}

TEST_CASE("a writer that throws leaves the old file and nothing else") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  CHECK_THROWS_AS(write_file_atomically(folder / "a",
                                        [](AtomicFile& file) {
                                          file.write("half");
                                          throw std::runtime_error("stop");
                                        }),
                  std::runtime_error);
  CHECK(read_file(folder / "a", kLimit) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a disk that fills up leaves the old file and nothing else") {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_atomically(path, "old");
  // A limit on file sizes stands in for a full disk: the first write is short, the second fails.
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 4096, before.rlim_max };
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string message = error_of([&] { write_file_atomically(path, std::string(10000, 'x')); });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, old_handler);
  CHECK(message == "[write] " + path + ": File too large");
  CHECK(read_file(path, kLimit) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a target that became a folder leaves no temporary file") {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  AtomicFile file(path);
  file.write("x");
  fs::create_directory(path);
  CHECK(error_of([&] { file.commit(); }) == "[write] " + path + ": Is a directory");
  CHECK(folder.count() == 1);
}

TEST_CASE("what cannot be written is named with the reason") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "x");
  const std::string inside = folder / "file/inside";
  const std::string missing = folder / "missing/a";
  CHECK(write_error(inside) == "[write] " + inside + ": Not a directory");
  CHECK(write_error(missing) == "[write] " + missing + ": No such file or directory");
  CHECK(write_error(folder / "missing/") ==
        "[write] " + (folder / "missing/").string() + ": No such file or directory");
  CHECK(write_error(folder.path()) == "[write] " + folder.path().string() + ": Is a directory");
  CHECK(write_error("") == "[write] : No such file or directory");
  CHECK(folder.count() == 1);
}

TEST_CASE("what may keep its reader waiting for ever is not read where a file is asked for") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "text");
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_symlink("fifo", folder / "link");
  CHECK(mien::read_regular_file(folder / "file", 9) == "text");
  CHECK(mien::read_regular_file_bytes(folder / "file", 9).size() == 4);
  const auto error = [](const std::string& path) {
    return error_of([&] { (void)mien::read_regular_file(path, 9); });
  };
  for (const char* name : {"fifo", "link"}) {
    const std::string path = (folder / name).string();
    CHECK(error(path) == "[read] " + path + ": a pipe, not a file");
  }
  CHECK(error("/dev/zero") == "[read] /dev/zero: a device, not a file");
  CHECK(error(folder.path().string()) == "[read] " + folder.path().string() + ": Is a directory");
}

TEST_CASE("what is not a file is written to and not replaced") {
  const TemporaryFolder folder;
  // First a pipe of our own, and REQUIRE: should this ever break, the devices of a machine where the tests
  // run as root must not be next.
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_symlink("fifo", folder / "link");
  const int reader = ::open((folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader != -1);
  write_file_atomically(folder / "fifo", "a");
  write_file_atomically(folder / "link", "b");
  char received[3] = {};
  const ssize_t count = ::read(reader, received, sizeof(received));
  ::close(reader);
  REQUIRE(fs::is_fifo(fs::symlink_status(folder / "fifo")));
  REQUIRE(fs::is_symlink(folder / "link"));
  REQUIRE(count == 2);
  CHECK(std::string(received) == "ab");
  CHECK(folder.count() == 2);
  CHECK(write_error("/dev/full") == "[write] /dev/full: No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("links are followed when writing") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "real");
  write_file_atomically(folder / "real/a", "old");
  fs::create_symlink("real/a", folder / "link");
  fs::create_symlink(folder / "link", folder / "second");
  fs::create_symlink("real/b", folder / "dangling");
  fs::create_symlink("loop", folder / "loop");
  write_file_atomically(folder / "second", "new");
  write_file_atomically(folder / "dangling", "b");
  CHECK(fs::is_symlink(folder / "second"));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_file(folder / "real/a", kLimit) == "new");
  CHECK(read_file(folder / "real/b", kLimit) == "b");
  CHECK(write_error(folder / "loop").ends_with("loop: Too many levels of symbolic links"));
}

TEST_CASE("modes follow the umask for a new file and the old file otherwise") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_file_atomically(folder / "a", "x");
  ::umask(before);
  CHECK(mode_of(folder / "a") == 0640);
  REQUIRE(::chmod((folder / "a").c_str(), 0604) == 0);
  write_file_atomically(folder / "a", "y");
  CHECK(mode_of(folder / "a") == 0604);
}

TEST_CASE("short and interrupted writes are carried on") {
  Pipe pipe;
  const std::string text = counting_bytes(std::size_t{1} << 20);
  struct sigaction old_action {};
  struct sigaction action {};
  action.sa_handler = [](int) {};  // without SA_RESTART: write returns early
  REQUIRE(::sigaction(SIGALRM, &action, &old_action) == 0);
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &alarm, nullptr);  // inherited: only this thread shall be interrupted
  std::string received;
  std::thread reader([&] {
    std::string buffer(50000, '\0');
    while (received.size() < text.size()) {
      const ssize_t count = ::read(pipe.ends[0], buffer.data(), buffer.size());
      if (count <= 0) return;
      received.append(buffer, 0, static_cast<std::size_t>(count));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  ::pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
#ifdef MIEN_EMULATOR
  constexpr int kMicroseconds = 5000;  // Valgrind gets nowhere between signals that come faster
#else
  constexpr int kMicroseconds = 500;
#endif
  const struct itimerval often {
    {0, kMicroseconds}, { 0, kMicroseconds }
  };
  const struct itimerval never {};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  const std::string error = error_of([&] { write_file_atomically(pipe.name_of(1), text); });
  ::setitimer(ITIMER_REAL, &never, nullptr);
  pipe.close_end(1);  // so that the reader ends when the writing has failed
  reader.join();
  ::sigaction(SIGALRM, &old_action, nullptr);
  CHECK(error == "no error");
  CHECK(received == text);
}
