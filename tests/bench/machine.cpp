// Caches are in Documentation/ABI/testing/sysfs-devices-system-cpu of Linux, memory in proc(5) and
// admin-guide/cgroup-v2.rst.
#include "machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace mien::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLeastArray = std::int64_t{256} << 20;

std::string first_word(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

std::optional<std::int64_t> number_in(const fs::path& file) {
  std::int64_t number = 0;
  if (std::ifstream(file) >> number) return number;  // "max" is none
  return std::nullopt;
}

// "32768K"
std::int64_t size_in(const fs::path& file) {
  std::int64_t number = 0;
  char unit = 0;
  std::ifstream text(file);
  text >> number >> unit;
  return unit == 'K' ? number << 10 : unit == 'M' ? number << 20 : number;
}

bool is_numbered(const fs::path& path, const std::string& word) {
  const std::string name = path.filename().string();
  return name.starts_with(word) && name.size() > word.size() && name[word.size()] >= '0' &&
         name[word.size()] <= '9';
}

// Of each level, the caches by the processors that share them.
using Caches = std::map<std::int64_t, std::map<std::string, std::int64_t>>;

void add_caches(Caches& caches, const fs::path& processor) {
  std::error_code none;
  for (const fs::directory_entry& cache : fs::directory_iterator(processor / "cache", none)) {
    if (!is_numbered(cache.path(), "index") || first_word(cache.path() / "type") == "Instruction") continue;
    const std::int64_t level = number_in(cache.path() / "level").value_or(0);
    std::string sharers = first_word(cache.path() / "shared_cpu_list");
    if (sharers.empty()) sharers = processor.filename().string();
    caches[level][sharers] = size_in(cache.path() / "size");
  }
}

}  // namespace

std::int64_t last_level_cache_bytes(const fs::path& root) {
  Caches caches;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "sys/devices/system/cpu", none)) {
    if (is_numbered(entry.path(), "cpu")) add_caches(caches, entry.path());
  }
  std::int64_t bytes = 0;
  if (caches.empty()) return bytes;
  for (const auto& [sharers, size] : caches.rbegin()->second) bytes += size;
  return bytes;
}

std::optional<std::int64_t> available_memory_bytes(const fs::path& root) {
  std::optional<std::int64_t> least;
  std::ifstream file(root / "proc/meminfo");
  for (std::string name, line; file >> name && std::getline(file, line);) {
    if (name == "MemAvailable:") least = std::strtoll(line.c_str(), nullptr, 10) << 10;
  }
  for (const char* bound : {"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const std::optional<std::int64_t> bytes = number_in(root / bound);
    if (bytes) least = std::min(least.value_or(*bytes), *bytes);
  }
  return least;
}

std::int64_t array_bytes(std::int64_t caches, std::optional<std::int64_t> memory) {
  return std::min(std::max(kLeastArray, kArrayPerCache * caches), memory ? *memory / 4 : kLeastArray);
}

}  // namespace mien::bench
