// What a run that has ended leaves to be done, as commands for pasting back into a shell.
#pragma once

#include <filesystem>
#include <string>

#include "arguments.hpp"

namespace fertrain {

/// Goes on with the run in the folder `out`, as it was started: by the same program, with what its checkpoint
/// does not hold.
std::string resume_command(const std::filesystem::path& out, const Arguments& a,
                           const mien::train::RunState& state);

/// For a run that had reached its end, after `steps`, before it was resumed: how to train further.
std::string already_over(const std::filesystem::path& out, const Arguments& a,
                         const mien::train::RunState& state, std::uint64_t steps,
                         std::uint64_t steps_per_epoch);

/// Lines about what best.safetensors is for; `validation`: how many PublicTest rows the data have. Of few of
/// one's own pictures it says that more are needed to know how good it is.
std::string next_steps(const std::filesystem::path& out, const Arguments& a, std::size_t validation);

/// The end of the message of a run that diverged; `step`: that of its last checkpoint.
std::string after_divergence(const std::filesystem::path& out, const Arguments& a, std::uint64_t step);

}  // namespace fertrain
