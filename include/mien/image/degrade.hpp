// What becomes of pictures on their way: out of focus, of few pixels, noisy, compressed, of other light.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mien/core/random.hpp"
#include "mien/image/image.hpp"

namespace mien::image {

/// In the order in which they happen, but for gamma, which may come anywhere.
enum class DegradationKind : std::uint8_t {
  blur,    ///< Gaussian, up to three standard deviations wide to either side; beyond the edge lies more of the
           ///< edge
  shrink,  ///< to fewer pixels and back, as resize() does it; the shorter edge in proportion
  noise,   ///< Gaussian, of each value on its own
  jpeg,    ///< what JPEG's quantization of blocks of 8x8 pixels does to luminance, the first at the upper left;
           ///< of a color picture to each plane
  gamma,   ///< level v of 255 becomes 255 * (v / 255)^amount
};

/// One thing that may happen to a picture on its way, and how much of it.
struct Degradation {
  DegradationKind kind = DegradationKind::blur;
  float amount = 0;

  friend bool operator==(const Degradation& a, const Degradation& b) = default;
};

/// What each kind is called, what its amount is, and from where to where it may go.
struct DegradationRange {
  DegradationKind kind;
  std::string_view name;
  std::string_view amount;
  float least, most;
};
inline constexpr std::array<DegradationRange, 5> kDegradations{
    {{DegradationKind::blur, "blur", "standard deviation, pixels", 0, 20},
     {DegradationKind::shrink, "shrink", "pixels left of the longer edge", 1, 16384},
     {DegradationKind::noise, "noise", "standard deviation, gray levels of 255", 0, 255},
     {DegradationKind::jpeg, "jpeg", "quality as libjpeg counts it, rounded", 1, 100},
     {DegradationKind::gamma, "gamma", "exponent", 0.1f, 10}}};

/// "blur=0..20, ...": what parse_degradation reads, for messages.
std::string degradation_kinds();

/// "noise=8": a kind's name and an amount in its range. Throws ArgumentError, saying what it may be, for
/// another text.
Degradation parse_degradation(std::string_view text);
/// The same text, "noise=8".
std::string to_string(const Degradation& how);

/// Writes the degraded picture to `out`, which may be `in` but not overlap it
/// otherwise. The same bits whatever the instruction set; only noise draws from `random`, one number a value. A
/// picture that has no more pixels than shrink leaves, or an amount that changes nothing, is copied. Throws
/// ArgumentError for an amount out of its range, for edges below 1, and when shrink meets an edge that resize()
/// does not.
void degrade(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Degradation& how,
             RandomStream& random);

}  // namespace mien::image
