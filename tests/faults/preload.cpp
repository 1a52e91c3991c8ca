// Loaded in front of a program (LD_PRELOAD), this makes one of its calls fail that write files. MIEN_FAULT says
// which: NUMBER:WHAT, the NUMBER-th (from 1) of the calls to open for writing, write, fsync, close and rename
// that are about files below MIEN_FAULT_FOLDER; WHAT is the number of an error, "short" (a write takes a byte
// alone), or "kill" (the process is gone before the call). How many there were is written to MIEN_FAULT_COUNT
// as the process ends. MIEN_NO_LOCKS is a file system without them; MIEN_FAULT_ALLOCATION=N the N-th allocation
// of memory that fails, once a model has been opened (before, they are CLI11's, which ends the process).
// Nothing waits for the disk: no power is cut here.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<long> calls{0};
std::atomic<bool> model_opened{false};

template <typename Function>
Function next_of(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool is_below(const char* path) {
  static const char* const folder = std::getenv("MIEN_FAULT_FOLDER");
  return folder != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_below(int descriptor) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  const int flags = ::fcntl(descriptor, F_GETFL);
  return (flags & O_ACCMODE) != O_RDONLY && is_below(path);
}

// 0: nothing happens; -1: a short write; else the error.
int fault_now() {
  static const char* const fault = std::getenv("MIEN_FAULT");
  const long number = ++calls;
  if (fault == nullptr || std::atol(fault) != number) return 0;
  const char* const what = std::strchr(fault, ':') + 1;
  if (std::strcmp(what, "kill") == 0) ::raise(SIGKILL);
  return std::strcmp(what, "short") == 0 ? -1 : std::atoi(what);
}

bool fails(int fault) {
  if (fault <= 0) return false;
  errno = fault;
  return true;
}

struct Report {
  ~Report() {
    const char* const path = std::getenv("MIEN_FAULT_COUNT");
    std::FILE* const file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    std::fprintf(file, "%ld", calls.load());
    std::fclose(file);
  }
} report;

int open_as(const char* path, int flags, mode_t mode) {
  static const auto real = next_of<int (*)(const char*, int, ...)>("open");
  if (std::strstr(path, ".safetensors") != nullptr) model_opened = true;
  if ((flags & O_ACCMODE) != O_RDONLY && is_below(path) && fails(fault_now())) return -1;
  return real(path, flags, mode);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_as(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static const auto real = next_of<ssize_t (*)(int, const void*, size_t)>("write");
  if (!is_below(descriptor)) return real(descriptor, bytes, size);
  const int fault = fault_now();
  if (fails(fault)) return -1;
  return real(descriptor, bytes, fault < 0 && size > 1 ? 1 : size);
}

int fsync(int descriptor) {
  static const auto real = next_of<int (*)(int)>("fsync");
  if (!is_below(descriptor)) return real(descriptor);
  return fails(fault_now()) ? -1 : 0;
}

int close(int descriptor) {
  static const auto real = next_of<int (*)(int)>("close");
  const bool failing = is_below(descriptor) && fails(fault_now());
  const int error = errno;
  const int result = real(descriptor);
  if (!failing) return result;
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) {
  static const auto real = next_of<int (*)(const char*, const char*)>("rename");
  if (is_below(to) && fails(fault_now())) return -1;
  return real(from, to);
}

int flock(int descriptor, int operation) {
  static const auto real = next_of<int (*)(int, int)>("flock");
  if (std::getenv("MIEN_NO_LOCKS") == nullptr) return real(descriptor, operation);
  errno = ENOLCK;
  return -1;
}

}  // extern "C"

void* operator new(std::size_t size) {
  static const char* const fault = std::getenv("MIEN_FAULT_ALLOCATION");
  static const long number = fault == nullptr ? 0 : std::atol(fault);
  static std::atomic<long> allocations{0};
  void* const memory =
      number > 0 && model_opened && ++allocations == number ? nullptr : std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
