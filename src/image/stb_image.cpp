// The only place that compiles stb_image, for PNG and JPEG. Its callers have checked the file's structure
// and size; here its memory is bounded and cleared, so that a damaged file gives the same result each time.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "core/pages.hpp"
#include "image/formats.hpp"

namespace mien::image::detail {
namespace {

/// What one call of stb_image may allocate; it is C, so it learns of a refusal by a null pointer.
struct Budget {
  std::size_t left = 0;
  bool refused = false;
};
thread_local Budget budget;

/// In front of every block; keeps what follows aligned as malloc does.
struct alignas(std::max_align_t) BlockHeader {
  std::size_t bytes;
};

/// Zeros. The planes of a photo are written once each, so that half of the time would go into page faults.
void* cleared_memory(std::size_t bytes) {
  if (bytes < mien::detail::kHugePage / 2) return std::calloc(1, bytes);
  void* raw = mien::detail::allocate_huge_pages(bytes);
  return raw == nullptr ? nullptr : std::memset(raw, 0, bytes);
}

void* budgeted_malloc(std::size_t bytes) {
  if (bytes > budget.left || bytes > SIZE_MAX - sizeof(BlockHeader)) {
    budget.refused = true;
    return nullptr;
  }
  void* raw = cleared_memory(sizeof(BlockHeader) + bytes);
  if (raw == nullptr) {
    budget.refused = true;
    return nullptr;
  }
  budget.left -= bytes;
  return ::new (raw) BlockHeader{bytes} + 1;
}

void budgeted_free(void* block) {
  if (block == nullptr) return;
  BlockHeader* header = static_cast<BlockHeader*>(block) - 1;
  budget.left += header->bytes;
  std::free(header);
}

void* budgeted_realloc(void* block, std::size_t bytes) {
  void* grown = budgeted_malloc(bytes);
  if (grown == nullptr || block == nullptr) return grown;
  const std::size_t old_bytes = (static_cast<BlockHeader*>(block) - 1)->bytes;
  std::memcpy(grown, block, std::min(bytes, old_bytes));
  budgeted_free(block);
  return grown;
}

}  // namespace
}  // namespace mien::image::detail

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 8192
#define STBI_MALLOC(size) mien::image::detail::budgeted_malloc(size)
#define STBI_REALLOC(block, size) mien::image::detail::budgeted_realloc(block, size)
#define STBI_FREE(block) mien::image::detail::budgeted_free(block)
// Its assertions fail on damaged files that it then handles (CVE-2022-29977).
#define STBI_ASSERT(condition) static_cast<void>(0)
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include <stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace mien::image::detail {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// A fair file of this size needs less than this: twice its own bytes, and two pictures of 16-bit RGBA
/// while a block grows. So a small picture that unpacks to gigabytes stops early.
std::size_t fair_memory(std::size_t file_bytes, int width, int height) {
  return kMiB + 4 * file_bytes + 48 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

std::uint8_t over_white(std::uint32_t value, std::uint32_t alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/// Stores the pixel at `p`, of 1 .. 4 values (gray, gray and alpha, RGB, RGBA), and returns where the next
/// goes.
std::uint8_t* put_stb_pixel(std::uint8_t* to, Index channels, const stbi_uc* p, int stored) {
  switch (stored) {
    case 1:
      return put_gray(to, channels, p[0]);
    case 2:
      return put_gray(to, channels, over_white(p[0], p[1]));
    case 3:
      return put_color(to, channels, p[0], p[1], p[2]);
    default:
      if (channels == 1) return put_gray(to, 1, over_white(luma(p[0], p[1], p[2]), p[3]));
      return put_color(to, 3, over_white(p[0], p[3]), over_white(p[1], p[3]), over_white(p[2], p[3]));
  }
}

/// Why the last call failed; some of stb_image's failures set no reason.
[[noreturn]] void fail_damaged(std::string_view name, std::string_view kind) {
  const char* reason = stbi_failure_reason();
  fail(name, "damaged " + std::string(kind) + (reason == nullptr ? "" : ": " + std::string(reason)));
}

struct FreeImage {
  void operator()(stbi_uc* pixels) const { budgeted_free(pixels); }
};

}  // namespace

Raster decode_with_stb(Bytes bytes, std::string_view name, std::string_view kind, const DecodeLimits& limits,
                       Index channels, StoredPlanes planes) {
  const int size = static_cast<int>(bytes.size());
  if (static_cast<std::size_t>(size) != bytes.size() || size < 0) fail(name, "file too large");
  budget = {kMiB, false};
  stbi__g_failure_reason = nullptr;
  int width = 0, height = 0, stored = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &stored) == 0) fail_damaged(name, kind);
  check_size(name, width, height, limits);

  budget = {std::min(limits.max_memory, fair_memory(bytes.size(), width, height)), false};
  const std::size_t allowed = budget.left;
  const std::unique_ptr<stbi_uc, FreeImage> pixels(stbi_load_from_memory(
      bytes.data(), size, &width, &height, &stored, planes == StoredPlanes::luma ? 1 : 0));
  if (planes == StoredPlanes::luma) stored = 1;
  if (budget.refused) {
    fail(name, std::string(kind) + " of " + std::to_string(width) + "x" + std::to_string(height) +
                   " pixels needs more than " + std::to_string(allowed / kMiB) + " MiB to decode");
  }
  if (pixels == nullptr) fail_damaged(name, kind);
  check_size(name, width, height, limits);

  Raster image = make_raster(width, height, channels);
  std::uint8_t* const end = image.pixels.data() + image.pixels.size();
  const stbi_uc* p = pixels.get();
  for (std::uint8_t* to = image.pixels.data(); to != end; p += stored)
    to = put_stb_pixel(to, channels, p, stored);
  return image;
}

}  // namespace mien::image::detail
