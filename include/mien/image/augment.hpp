// Changes to a picture that leave its meaning as it is, drawn at random: what a network is shown instead of
// the same picture every epoch.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "mien/core/random.hpp"
#include "mien/image/image.hpp"

namespace mien::image {

/// How far each change may go; 0 leaves it out. Amounts are uniform between -limit and limit. Blur, shrink,
/// noise and jpeg (mien/image/degrade.hpp) happen to the share `degrade` of the pictures: any selection of
/// those not left out is equally likely, and amounts are uniform between no change and the limit.
struct Augmentation {
  float mirror = 0;  ///< probability of exchanging left and right, 0 .. 1
  float shift = 0;   ///< of the edge, along each axis on its own, 0 .. 0.5
  float rotate = 0;  ///< degrees, 0 .. 180
  float scale = 0;   ///< relative: 0.1 is from 0.9 to 1.1 times the size, 0 .. 0.5
  float crop = 0;    ///< share of the edge cut off, at either end as it falls; the rest is enlarged, 0 .. 0.5
  float brightness = 0;     ///< gray levels of 255 added, as a share, 0 .. 1
  float channel_shift = 0;  ///< the same, drawn for each color by itself, 0 .. 1; not of gray pictures
  float contrast = 0;       ///< relative factor of the differences from the mean, 0 .. 1
  float gamma = 0;          ///< logarithm of the exponent, 0 .. 2
  float blur = 0;           ///< most standard deviation in pixels, 0 .. 20
  float shrink = 0;         ///< fewest pixels of the longer edge, 0 .. 16384
  float noise = 0;          ///< most standard deviation in gray levels of 255, 0 .. 255
  float jpeg = 0;           ///< lowest quality, 0 .. 100; the highest is 95
  float degrade = 0.5f;     ///< share of the pictures that any of these four happens to, 0 .. 1
  float erase = 0;          ///< probability of noise in a rectangle of 2 to 20 % (Zhong et al. 2020), 0 .. 1
};

/// What each limit is called, in files and on command lines, and what it may be: 0 .. most.
struct AugmentationLimit {
  std::string_view name;
  std::string_view meaning;
  float Augmentation::*member;
  float most;
};
inline constexpr std::array<AugmentationLimit, 15> kAugmentationLimits{
    {{"mirror", "probability of exchanging left and right", &Augmentation::mirror, 1},
     {"shift", "most shift, share of the edge", &Augmentation::shift, 0.5f},
     {"rotate", "most rotation, degrees", &Augmentation::rotate, 180},
     {"scale", "most change of size, relative", &Augmentation::scale, 0.5f},
     {"crop", "share of the edge cut off somewhere, the rest enlarged", &Augmentation::crop, 0.5f},
     {"brightness", "most change of brightness, share of the range", &Augmentation::brightness, 1},
     {"channel_shift", "most change of each color's brightness, share of the range; pictures in color",
      &Augmentation::channel_shift, 1},
     {"contrast", "most change of contrast, relative", &Augmentation::contrast, 1},
     {"gamma", "most change of the exponent of levels, its logarithm", &Augmentation::gamma, 2},
     {"blur", "most blur, standard deviation in pixels", &Augmentation::blur, 20},
     {"shrink", "fewest pixels of the longer edge, then enlarged again; 0: no", &Augmentation::shrink, 16384},
     {"noise", "most noise, standard deviation in gray levels", &Augmentation::noise, 255},
     {"jpeg", "lowest quality of JPEG's quantization, the highest is 95; 0: no", &Augmentation::jpeg, 100},
     {"degrade", "share of images that blur, shrink, noise or jpeg, or several, happen to",
      &Augmentation::degrade, 1},
     {"erase", "probability of noise in a rectangle", &Augmentation::erase, 1}}};

/// Throws ArgumentError naming the limit that is out of its range.
void check(const Augmentation& how);

/// Writes the changed picture to `out`, which must not overlap `in`. All planes are changed alike but for
/// `channel_shift`, which a picture of one plane passes over; what is drawn for each pixel is drawn for each of
/// its values. Geometric changes are one interpolation between four neighbors; beyond the edge lies more of the
/// edge. What is drawn depends on `random` alone, and nothing is drawn for a change that is left out. Where
/// `undegraded` is not null it gets the picture as it was before degradations, with nothing erased.
void augment(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Augmentation& how,
             RandomStream random, std::uint8_t* undegraded = nullptr);

/// The two halves of augment(), one behind the other, where each is to have draws of its own: what moves a
/// picture and changes its light (up to gamma), and what degrades and erases, in place.
void change_view(std::uint8_t* out, const std::uint8_t* in, const PictureShape& shape, const Augmentation& how,
                 RandomStream& random);
/// The second half.
void degrade_and_erase(std::uint8_t* pixels, const PictureShape& shape, const Augmentation& how,
                       RandomStream& random);

/// Whether any of blur, shrink, noise and jpeg may happen.
bool degrades(const Augmentation& how);

}  // namespace mien::image
