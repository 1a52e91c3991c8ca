// Changing the size of a picture.
#pragma once

#include "mien/image/image.hpp"

namespace mien::image {

/// `source` at width x height, each axis on its own: an axis that shrinks is averaged over the area an
/// output pixel covers, one that grows is interpolated between the two nearest pixel centers, one that
/// stays is copied. Pixel i covers [i, i+1) and has its center at i + 1/2, so output center o maps to
/// (o + 1/2) * in / out; positions beyond the outermost centers take the outermost pixel.
///
/// Weights are integers and the result is the exact quotient rounded to nearest (halves up): the same on
/// every machine. Throws ArgumentError for a source without pixels, one whose `pixels` do not match its
/// size or with an edge above 32768, and for a target edge outside 1 .. 16384.
GrayImage resize(const GrayImage& source, Index width, Index height);

/// Every pixel the mean of two by two of the source's, rounded to nearest (halves up); of an odd edge the last
/// one stands for one row or column alone. Throws as resize does for a source.
GrayImage halved(const GrayImage& source);

}  // namespace mien::image
