// The process that decodes pictures for another one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>

#include "messages.hpp"

namespace ferpredict::sandbox {

/// The command line of such a process is this word alone; its channel is stdin.
inline constexpr const char* kServeWord = "--decode-for-the-sandbox";
/// Whether stdin is a channel, and not what somebody who types that word has.
bool stdin_is_channel();

/// Throws mien::DataError `: <what>` for a file that is no picture.
using Decode = std::function<Pixels(std::span<const std::uint8_t> bytes, const Question& question)>;

/// mien::image's.
Pixels decode_picture(std::span<const std::uint8_t> bytes, const Question& question);

/// Nobody waits longer for a picture. The slowest that DecodeLimits let through take some seconds.
inline constexpr std::chrono::seconds kTimeLimit{60};

/// Confines the process, says whether that could be done, and answers what comes by `channel` until it is
/// closed. Has one thread, whatever started it. A picture that takes twice kTimeLimit ends the process, should
/// there be nobody left to do that, and nobody in it to forbid it.
[[noreturn]] void serve(int channel, const Decode& decode);

}  // namespace ferpredict::sandbox
