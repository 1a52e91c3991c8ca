// Containers bound the time of a process by control groups: Linux's admin-guide/cgroup-v2.rst (cpu.max) and
// scheduler/sched-bwc.rst (version 1); where they are mounted, and which part of the tree is seen there, is in
// proc(5), /proc/PID/mountinfo.
#include "core/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace mien::detail {
namespace {

namespace fs = std::filesystem;

/// A tree of control groups: where it is mounted, and which group appears at that place.
struct Mount {
  std::string point;
  std::string group;
  bool version2 = false;
};

bool lists(std::string_view words, std::string_view word) {
  for (;;) {
    const std::size_t comma = words.find(',');
    if (words.substr(0, comma) == word) return true;
    if (comma == std::string_view::npos) return false;
    words.remove_prefix(comma + 1);
  }
}

/// A blank, tab, line break or backslash in a name stands there as \NNN, octal.
std::string unescaped(std::string_view name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto digit = [&](std::size_t at) { return at < name.size() && name[at] >= '0' && name[at] <= '7'; };
    if (name[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      result += static_cast<char>((name[i + 1] - '0') * 64 + (name[i + 2] - '0') * 8 + (name[i + 3] - '0'));
      i += 3;
    } else {
      result += name[i];
    }
  }
  return result;
}

/// Of /proc/self/mountinfo, the trees that bound processor time.
std::vector<Mount> cpu_mounts(const fs::path& mountinfo) {
  std::vector<Mount> mounts;
  std::ifstream file(mountinfo);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string skipped, type, options;
    Mount mount;
    words >> skipped >> skipped >> skipped >> mount.group >> mount.point;
    while (words >> skipped && skipped != "-") {
    }
    if (!(words >> type >> skipped >> options)) continue;
    mount.group = unescaped(mount.group);
    mount.point = unescaped(mount.point);
    mount.version2 = type == "cgroup2";
    if (mount.version2 || (type == "cgroup" && lists(options, "cpu"))) mounts.push_back(mount);
  }
  return mounts;
}

/// Of /proc/self/cgroup, lines `number:controllers:group`: this process's group in such a tree.
std::optional<std::string> own_group(const fs::path& cgroup, bool version2) {
  std::ifstream file(cgroup);
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
    if (version2 ? controllers.empty() : lists(controllers, "cpu")) return line.substr(second + 1);
  }
  return std::nullopt;
}

/// The folder of `group` under the mount, or the mount's own where the group lies outside of what is seen.
fs::path folder_of(const Mount& mount, std::string_view group) {
  const std::size_t seen = mount.group.size();
  const bool below = group.starts_with(mount.group) && (group.size() == seen || group[seen] == '/');
  if (mount.group != "/" && below) group.remove_prefix(seen);
  const fs::path relative = fs::path(group).relative_path().lexically_normal();
  const bool outside = !relative.empty() && *relative.begin() == "..";
  const fs::path point = fs::path(mount.point);
  return outside ? point : point / relative;
}

std::optional<double> quota_of(const fs::path& folder, bool version2) {
  double quota = 0, period = 0;  // "max" for a quota is no number
  if (version2) {
    std::ifstream file(folder / "cpu.max");
    if (!(file >> quota >> period)) return std::nullopt;
  } else {
    std::ifstream quota_file(folder / "cpu.cfs_quota_us"), period_file(folder / "cpu.cfs_period_us");
    if (!(quota_file >> quota) || !(period_file >> period)) return std::nullopt;
  }
  if (quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for (const Mount& mount : cpu_mounts(root / "proc/self/mountinfo")) {
    const std::optional<std::string> group = own_group(root / "proc/self/cgroup", mount.version2);
    if (!group) continue;
    for (fs::path at = folder_of(mount, *group);; at = at.parent_path()) {
      const std::optional<double> quota = quota_of(root / at.relative_path(), mount.version2);
      if (quota) least = std::min(least.value_or(*quota), *quota);
      if (at == fs::path(mount.point) || at == at.parent_path()) break;
    }
  }
  return least;
}

int usable_processors() {
  cpu_set_t set;
  const bool known = sched_getaffinity(0, sizeof set, &set) == 0;
  const int processors =
      std::max(1, known ? CPU_COUNT(&set) : static_cast<int>(std::thread::hardware_concurrency()));
  const std::optional<double> quota = cpu_quota();
  return quota && *quota < processors ? std::max(1, static_cast<int>(std::ceil(*quota))) : processors;
}

}  // namespace mien::detail
