// What a process that wants pictures decoded and the one that decodes them write to each other: a Question and
// the file's bytes; an Answer and the bytes it announces. Both are the same program on the same machine, so
// that plain structures do; but what answers may have been taken over by a picture, and is not believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "mien/image/decode.hpp"
#include "mien/image/image.hpp"

namespace ferpredict::sandbox {

struct Question {
  std::uint64_t bytes = 0;     ///< of the file, which follow
  std::uint64_t channels = 1;  ///< 1 or 3 values a pixel
  mien::image::DecodeLimits limits;
  std::uint64_t number = 0;  ///< of this question, which the answer repeats
};

enum AnswerKind : std::uint64_t {
  kReady = 1,    ///< once, in front of all answers: the process is confined
  kRefused = 2,  ///< instead, with a text: it cannot be, and has ended
  kPicture = 3,  ///< with the pixels
  kError = 4,    ///< with a text: what is wrong with the file
};

struct Answer {
  std::uint64_t kind = 0;
  mien::Index width = 0, height = 0;
  mien::image::Reduction reduction;
  std::uint64_t bytes = 0;   ///< of pixels or text, which follow
  std::uint64_t number = 0;  ///< the question's
};

static_assert(std::is_trivially_copyable_v<Question> && std::is_trivially_copyable_v<Answer>);

/// Texts are cut off behind it.
inline constexpr std::size_t kMostText = 4096;

/// A picture of one or three values a pixel.
struct Pixels {
  mien::Index width = 0, height = 0;
  std::vector<std::uint8_t> values;
  mien::image::Reduction reduction;
};

/// Whether an answer can be such a one, to that question: a text of 1 .. kMostText bytes, or a picture within
/// the limits and of as many bytes as its size asks for.
bool is_refusal(const Answer& answer);
bool is_error(const Answer& answer, const Question& question);
bool is_picture(const Answer& answer, const Question& question);

}  // namespace ferpredict::sandbox
