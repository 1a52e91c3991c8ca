#include "messages.hpp"

namespace ferpredict::sandbox {
namespace {

using mien::Index;

bool within(Index width, Index height, Index max_edge, Index max_pixels) {
  return width >= 1 && height >= 1 && width <= max_edge && height <= max_edge && width <= max_pixels / height;
}

bool is_text(const Answer& answer) {
  return answer.bytes >= 1 && answer.bytes <= kMostText;
}

}  // namespace

bool is_refusal(const Answer& answer) {
  return answer.kind == kRefused && is_text(answer);
}

bool is_error(const Answer& answer, const Question& question) {
  return answer.kind == kError && answer.number == question.number && is_text(answer);
}

bool is_picture(const Answer& answer, const Question& question) {
  const mien::image::DecodeLimits& limits = question.limits;
  if (answer.kind != kPicture || answer.number != question.number) return false;
  if (!within(answer.width, answer.height, limits.max_edge, limits.max_pixels)) return false;
  if (answer.bytes != static_cast<std::uint64_t>(answer.width * answer.height) * question.channels)
    return false;
  const auto [by, width, height] = answer.reduction;
  if (by == 1) return width == 0 && height == 0;
  if (by != 2 && by != 4 && by != 8) return false;
  if (!within(width, height, limits.max_edge * by, limits.max_jpeg_pixels)) return false;
  return (width + by - 1) / by == answer.width && (height + by - 1) / by == answer.height;
}

}  // namespace ferpredict::sandbox
