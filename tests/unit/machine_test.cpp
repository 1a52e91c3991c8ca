// What a machine tells of its caches and its memory, in a folder that stands for the root.
#include "bench/machine.hpp"

#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace mien::bench;

constexpr std::int64_t kMiB = std::int64_t{1} << 20;

class Root {
 public:
  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text << "\n";
  }
  void add_cache(int processor, int index, int level, const std::string& type, const std::string& size,
                 const std::string& sharers) const {
    const fs::path cache = fs::path("sys/devices/system/cpu") / ("cpu" + std::to_string(processor)) / "cache" /
                           ("index" + std::to_string(index));
    write(cache / "level", std::to_string(level));
    write(cache / "type", type);
    write(cache / "size", size);
    write(cache / "shared_cpu_list", sharers);
  }
  fs::path path() const { return folder_ / ""; }

 private:
  mien::test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("last-level caches count once each, whoever shares them") {
  const Root root;
  CHECK(last_level_cache_bytes(root.path()) == 0);
  root.write("sys/devices/system/cpu/cpufreq/boost", "1");
  for (int processor = 0; processor < 4; ++processor) {
    root.add_cache(processor, 0, 1, "Data", "32K", std::to_string(processor));
    root.add_cache(processor, 1, 1, "Instruction", "64K", std::to_string(processor));
  }
  CHECK(last_level_cache_bytes(root.path()) == 4 * (32 << 10));
  for (int processor = 0; processor < 4; ++processor) {
    root.add_cache(processor, 2, 3, "Unified", "32768K", processor < 2 ? "0-1" : "2-3");
  }
  CHECK(last_level_cache_bytes(root.path()) == 64 * kMiB);
}

TEST_CASE("available memory is the system's or a container's bound") {
  const Root root;
  CHECK_FALSE(available_memory_bytes(root.path()));
  root.write("proc/meminfo", "MemTotal:       24684084 kB\nMemAvailable:    2097152 kB\nBuffers: 28992 kB");
  CHECK(available_memory_bytes(root.path()) == 2048 * kMiB);
  root.write("sys/fs/cgroup/memory.max", "max");
  CHECK(available_memory_bytes(root.path()) == 2048 * kMiB);
  root.write("sys/fs/cgroup/memory.max", "1073741824");
  CHECK(available_memory_bytes(root.path()) == 1024 * kMiB);
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912");
  CHECK(available_memory_bytes(root.path()) == 512 * kMiB);
}

TEST_CASE("an array is four times the caches, a quarter of the memory at most") {
  CHECK(array_bytes(480 * kMiB, 16384 * kMiB) == 1920 * kMiB);
  CHECK(array_bytes(32 * kMiB, 16384 * kMiB) == 256 * kMiB);
  CHECK(array_bytes(480 * kMiB, 2048 * kMiB) == 512 * kMiB);
  CHECK(array_bytes(480 * kMiB, std::nullopt) == 256 * kMiB);
}
