// What stb_image allocates: bounded, and zeros, so that a damaged file gives the same result each time.
#pragma once

#include <cstddef>

namespace mien::image::detail {

enum class StbPages {
  cleared,    ///< written to at once, in huge pages: for planes that are filled
  on_demand,  ///< large blocks take memory only where they are written to
};

/// Lets the calling thread's next call of stb_image allocate so many bytes.
void set_stb_budget(std::size_t bytes, StbPages pages = StbPages::cleared);
/// Whether memory was refused since then; stb_image is C and learns of it by a null pointer.
bool stb_budget_was_exceeded();

void* stb_malloc(std::size_t bytes);
void* stb_realloc(void* block, std::size_t bytes);
void stb_free(void* block);

}  // namespace mien::image::detail
