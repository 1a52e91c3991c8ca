// How many threads may compute at once.
#pragma once

#include <filesystem>
#include <optional>

namespace mien::detail {

/// Processors' worth of time that control groups allow this process: 1.5 for 150 ms in every 100 ms. The least
/// of its group and all groups around it, of version 1 (cpu.cfs_quota_us over cpu.cfs_period_us) or 2
/// (cpu.max); nothing where none sets a bound. `root` is where /proc and the mounts of control groups are
/// looked for.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// At least 1: the processors this process may run on, or the quota, rounded up, where that is less.
int usable_processors();

}  // namespace mien::detail
