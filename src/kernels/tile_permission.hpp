// Tiles of matrices (AMX) hold so much that Linux saves them for those processes alone that have asked for it.
#pragma once

namespace mien::kernels {

/// Whether the processor multiplies tiles of bfloat16 and of bytes and the system lets this process do so, now
/// and later, in all its threads. It is asked once.
bool may_use_tiles();

}  // namespace mien::kernels
