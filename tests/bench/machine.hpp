// What the system tells of the machine, for the measurements of peak.hpp. `root` is where /sys and /proc are
// looked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace mien::bench {

/// The last-level caches of all processors together, each counted once; 0 where the system does not tell.
std::int64_t last_level_cache_bytes(const std::filesystem::path& root = "/");

/// What can be had without swapping, or the bound of a container's own control group where that is less;
/// nothing where the system does not tell.
std::optional<std::int64_t> available_memory_bytes(const std::filesystem::path& root = "/");

/// How large an array must be for no cache to hold it: four times the caches, 256 MiB at least. But no more
/// than a quarter of the memory; where that is unknown, 256 MiB.
std::int64_t array_bytes(std::int64_t caches, std::optional<std::int64_t> memory);
inline constexpr int kArrayPerCache = 4;

}  // namespace mien::bench
