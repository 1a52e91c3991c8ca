// A process gives up, for good, all that decoding pictures does not need.
#pragma once

#include <cstddef>
#include <string>

namespace ferpredict::sandbox {

/// The only file of a confined process: its channel.
inline constexpr int kChannel = 0;

/// Address space of a confined process. A decoder keeps to DecodeLimits::max_memory; beside that lie the file,
/// the picture, twice while it is turned, and planes of a reduced JPEG that are reserved and not touched.
inline constexpr std::size_t kMostMemory = std::size_t{3} << 30;

/// Makes `channel` descriptor 0 and closes all others; no file can be opened, no process or thread started, no
/// connection made, nothing be made executable. What a list of system calls (seccomp) does not allow kills the
/// process, which has one thread and no handlers of signals. It leaves no core file, and where memory runs out
/// it is the one to go. Returns why that cannot be done, or nothing. The channel is descriptor 0 either way.
std::string confine(int channel);

}  // namespace ferpredict::sandbox
