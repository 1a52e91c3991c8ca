// How the values of images lie in memory.
#pragma once

namespace mien {

/// The shape of N images of C channels is N x C x H x W whichever it is.
enum class Layout {
  channels_first,  ///< plane by plane
  channels_last,   ///< pixel by pixel, the values of all channels next to each other
};

}  // namespace mien
