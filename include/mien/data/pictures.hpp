// Pictures of any classes, in color or gray, of any size: what the readers of folders, manifests and tables do
// where they are not to read FER2013's expressions alone.
#pragma once

#include "mien/core/shape.hpp"

namespace mien::data {

/// What pictures are made, each on its own. What is 0 follows from the data:
///
/// Where all classes are expressions (mien/data/classes.hpp), pictures become gray and 48 x 48, as FER2013's
/// are. Else channels are 3 where any picture has color, and 1 where none has; the size is the pictures' own
/// where all have the same and no edge above kLargestOwnEdge, else 48 x 48. Notes of the dataset say which.
///
/// Pictures of another size are scaled, each axis on its own, by image::resize; gray is luma
/// (mien/image/decode.hpp).
struct PictureForm {
  Index height = 0, width = 0;  ///< both or none; at most kLargestEdge
  Index channels = 0;           ///< 1 or 3
};
inline constexpr Index kLargestOwnEdge = 64;
inline constexpr Index kLargestEdge = 1024;

/// Throws ArgumentError for a form that is none.
void check(const PictureForm& form);

}  // namespace mien::data
