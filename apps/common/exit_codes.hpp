// What the programs' exit codes mean; also in --help and the README.
#pragma once

#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace apps {

inline constexpr int kOk = 0;
inline constexpr int kUsage = 2;     ///< an option or a model description that cannot be carried out
inline constexpr int kBadData = 3;   ///< a file that cannot be read, understood or written
inline constexpr int kDiverged = 4;  ///< training: numbers that are not finite, or a gradient beyond 1e18
inline constexpr int kNoFace = 5;    ///< none in the one image given
inline constexpr int kInterrupted = 130;

/// On stderr, on a line of its own, whatever names of files are in it.
inline void print_error(std::string_view message) {
  std::fprintf(stderr, "%s\n", mien::printable(message).c_str());
}

/// Runs `body` and turns what it throws into an exit code and a message, for tell(code, message). Results that
/// did not get through stdout are a failure too.
template <typename Body, typename Tell>
int guarded(Body&& body, Tell&& tell_both) {
  const auto tell = [&](int code, const std::string& message) {
    tell_both(code, message);
    return code;
  };
  try {
    const int code = body();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw mien::DataError("[write] stdout: cannot write");
    return code;
  } catch (const mien::DivergedError& error) {
    return tell(kDiverged, error.what());
  } catch (const mien::ArgumentError& error) {
    return tell(kUsage, error.what());
  } catch (const mien::DataError& error) {
    return tell(kBadData, error.what());
  } catch (const std::bad_alloc&) {
    return tell(kBadData, "out of memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return tell(kBadData, error.path1().string() + ": " + error.code().message());
  } catch (const std::exception& error) {
    return tell(kBadData, std::string("unexpected: ") + error.what());
  }
}

/// The same with the message on stderr.
template <typename Body>
int guarded(Body&& body) {
  return guarded(std::forward<Body>(body), [](int, const std::string& message) { print_error(message); });
}

}  // namespace apps
