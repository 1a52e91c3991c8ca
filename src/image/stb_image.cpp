// The only place that compiles stb_image, for PNG, GIF and JPEG. Its callers have checked the file's structure
// and size; here its memory is bounded.
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <vector>

#include "image/formats.hpp"
#include "image/jpeg_structure.hpp"
#include "image/stb_memory.hpp"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 65535  // of a JPEG that is reduced; the limits are the callers'
#define STBI_MALLOC(size) mien::image::detail::stb_malloc(size)
#define STBI_REALLOC(block, size) mien::image::detail::stb_realloc(block, size)
#define STBI_FREE(block) mien::image::detail::stb_free(block)
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
std::size_t fair_memory(std::size_t file_bytes, Index width, Index height) {
  return kMiB + 4 * file_bytes + 48 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

int int_size(Bytes bytes, std::string_view name) {
  const int size = static_cast<int>(bytes.size());
  if (static_cast<std::size_t>(size) != bytes.size() || size < 0) fail(name, "file too large");
  return size;
}

/// Why the last call failed; some of stb_image's failures set no reason.
[[noreturn]] void fail_damaged(std::string_view name, std::string_view kind) {
  const char* reason = stbi_failure_reason();
  const bool said = reason != nullptr && *reason != '\0';
  fail(name, "damaged " + std::string(kind) + (said ? ": " + std::string(reason) : ""));
}

[[noreturn]] void fail_for_memory(std::string_view name, std::string_view kind, Index width, Index height,
                                  std::size_t allowed, const std::string& advice = "") {
  fail(name, std::string(kind) + " of " + std::to_string(width) + "x" + std::to_string(height) +
                 " pixels needs more than " + std::to_string(allowed / kMiB) + " MiB to decode" + advice);
}

struct FreeImage {
  void operator()(stbi_uc* pixels) const { stb_free(pixels); }
};

}  // namespace

Raster decode_with_stb(Bytes bytes, std::string_view name, std::string_view kind, const DecodeLimits& limits,
                       Index channels) {
  const int size = int_size(bytes, name);
  set_stb_budget(kMiB);
  stbi__g_failure_reason = nullptr;
  int width = 0, height = 0, stored = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &stored) == 0) fail_damaged(name, kind);
  check_picture_size(name, width, height, limits);

  const std::size_t allowed = std::min(limits.max_memory, fair_memory(bytes.size(), width, height));
  set_stb_budget(allowed);
  const std::unique_ptr<stbi_uc, FreeImage> pixels(
      stbi_load_from_memory(bytes.data(), size, &width, &height, &stored, 0));
  if (stb_budget_was_exceeded()) fail_for_memory(name, kind, width, height, allowed);
  if (pixels == nullptr) fail_damaged(name, kind);
  check_picture_size(name, width, height, limits);

  Raster image = make_raster(width, height, channels);
  std::uint8_t* const end = image.pixels.data() + image.pixels.size();
  const stbi_uc* p = pixels.get();
  for (std::uint8_t* to = image.pixels.data(); to != end; p += stored)
    to = put_over_white(to, channels, p, stored);
  return image;
}

namespace {

// A JPEG is decoded by the steps of stbi__jpeg_load. They are taken here one by one, so that the planes can be
// smaller than the file's, and so that versions of stb_image agree on what is damaged.

struct PlaneReduction {
  int by_x = 1, by_y = 1;  // how many of the plane's pixels become one
  bool wanted = true;      // or else nothing of it is written
};

struct JpegDecoder {
  stbi__context context = {};
  stbi__jpeg jpeg = {};
  std::array<PlaneReduction, 4> planes;
  void (*inverse_dct)(stbi_uc* out, int stride, short data[64]) = nullptr;

  JpegDecoder(Bytes bytes, int size) {
    stbi__start_mem(&context, bytes.data(), size);
    jpeg.s = &context;
    stbi__setup_jpeg(&jpeg);
    inverse_dct = jpeg.idct_block_kernel;
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { stbi__free_jpeg_components(&jpeg, 4, 0); }

  std::size_t components() const { return static_cast<std::size_t>(context.img_n); }
};

/// The decoder that works in this thread: stb_image's IDCT callback has no user pointer.
thread_local JpegDecoder* decoder_at_work = nullptr;

/// The means of `by_x` by `by_y` pixels of a block.
void write_means(stbi_uc* to, int stride, const stbi_uc* block, int by_x, int by_y) {
  const int count = by_x * by_y;
  for (int y = 0; y < 8; y += by_y, to += stride) {
    for (int x = 0; x < 8; x += by_x) {
      int sum = count / 2;
      for (int i = 0; i < by_y; ++i) {
        const stbi_uc* row = block + 8 * (y + i) + x;
        sum = std::accumulate(row, row + by_x, sum);
      }
      to[x / by_x] = static_cast<stbi_uc>(sum / count);
    }
  }
}

/// In place of stb_image's own: writes a block where it stands in the reduced plane, which is the front part of
/// the memory of the whole one.
void write_reduced_block(stbi_uc* out, int stride, short data[64]) {
  JpegDecoder& decoder = *decoder_at_work;
  std::size_t n = 0;
  const auto offset = [&] { return out - decoder.jpeg.img_comp[n].data; };
  const auto is_inside = [&] {
    const auto& plane = decoder.jpeg.img_comp[n];
    return std::greater_equal<>()(out, plane.data) && std::less<>()(out, plane.data + plane.w2 * plane.h2);
  };
  while (!is_inside()) ++n;
  const PlaneReduction& reduction = decoder.planes[n];
  if (!reduction.wanted) return;
  if (reduction.by_x == 1 && reduction.by_y == 1) {
    decoder.inverse_dct(out, stride, data);
    return;
  }
  alignas(16) stbi_uc block[64];
  decoder.inverse_dct(block, 8, data);
  const int x = static_cast<int>(offset() % stride), y = static_cast<int>(offset() / stride);
  const int reduced_stride = stride / reduction.by_x;
  write_means(decoder.jpeg.img_comp[n].data + y / reduction.by_y * reduced_stride + x / reduction.by_x,
              reduced_stride, block, reduction.by_x, reduction.by_y);
}

/// Decides on each plane, and says how much of the planes' memory will not be touched. The frame header has
/// been read. A plane of fewer pixels than the picture is reduced by less, if at all.
std::size_t plan_planes(JpegDecoder& decoder, const JpegPlan& plan, Index channels) {
  const stbi__jpeg& jpeg = decoder.jpeg;
  int h_max = 1, v_max = 1;
  for (std::size_t n = 0; n < decoder.components(); ++n) {
    h_max = std::max(h_max, jpeg.img_comp[n].h);
    v_max = std::max(v_max, jpeg.img_comp[n].v);
  }
  const auto units = [](std::size_t pixels, int most) {
    const std::size_t unit = 8 * static_cast<std::size_t>(most);
    return (pixels + unit - 1) / unit;
  };
  const std::size_t blocks = units(decoder.context.img_x, h_max) * units(decoder.context.img_y, v_max);
  const int by = static_cast<int>(plan.reduce_by);
  std::size_t untouched = 0;
  for (std::size_t n = 0; n < decoder.components(); ++n) {
    const auto& c = jpeg.img_comp[n];
    PlaneReduction& plane = decoder.planes[n];
    plane.by_x = by / std::gcd(by, std::max(h_max / c.h, 1));
    plane.by_y = by / std::gcd(by, std::max(v_max / c.v, 1));
    plane.wanted = n == 0 || channels == 3 || plan.colors != JpegColors::ycbcr;
    const std::size_t whole = 64 * blocks * static_cast<std::size_t>(c.h * c.v);
    untouched += plane.wanted ? whole - whole / static_cast<std::size_t>(plane.by_x * plane.by_y) : whole;
  }
  return untouched;
}

/// The end of the entropy-coded data at `at`: the first 0xff of the marker behind it, or the end of the file
/// without such bytes.
stbi_uc* end_of_scan(stbi_uc* at, stbi_uc* end) {
  for (;;) {
    stbi_uc* const data_end = std::find(at, end, 0xff);
    at = std::find_if(data_end, end, [](stbi_uc byte) { return byte != 0xff; });
    if (at == end || (*at != 0 && !STBI__RESTART(*at))) return data_end;
  }
}

/// What stb_image reads behind the end of a scan: zeros, which are counted. By itself it makes them up
/// uncounted.
struct ZerosBehindScan {
  stbi__context* context = nullptr;
  std::ptrdiff_t given = 0;

  static int read(void* user, char* to, int size) {
    auto& zeros = *static_cast<ZerosBehindScan*>(user);
    // stb_image would add up how far this is from the file's bytes.
    zeros.context->img_buffer_original = zeros.context->img_buffer;
    std::fill_n(to, size, '\0');
    zeros.given += size;
    return size;
  }
};

enum class Scanned { whole, truncated, damaged };

/// Decodes the data of one scan, whose header has been read, and goes on behind them.
Scanned decode_scan(stbi__jpeg* jpeg) {
  stbi__context& context = *jpeg->s;
  stbi_uc* const file = context.img_buffer_original;
  stbi_uc* const file_end = context.img_buffer_end;
  stbi_uc* const data_end = end_of_scan(context.img_buffer, file_end);
  ZerosBehindScan zeros{&context};
  context.img_buffer_end = data_end;
  context.io.read = ZerosBehindScan::read;
  context.io_user_data = &zeros;
  context.buflen = static_cast<int>(sizeof context.buffer_start);
  context.read_from_callbacks = 1;
  const bool decoded = stbi__parse_entropy_coded_data(jpeg) != 0;
  // Up to four bytes are read ahead, whose bits are then still there.
  const std::ptrdiff_t zeros_read =
      zeros.given == 0 ? 0 : zeros.given - (context.img_buffer_end - context.img_buffer);
  const bool ran_out = 8 * zeros_read > std::max(jpeg->code_bits, 0);
  context.io.read = nullptr;
  context.read_from_callbacks = 0;
  context.img_buffer_original = file;
  context.img_buffer = data_end;
  context.img_buffer_end = file_end;
  jpeg->marker = STBI__MARKER_none;
  if (ran_out) return Scanned::truncated;
  return decoded ? Scanned::whole : Scanned::damaged;
}

/// The markers have been checked: a file without an end marker ends with the data of a scan.
Scanned decode_scans(stbi__jpeg* jpeg) {
  if (stbi__decode_jpeg_header(jpeg, STBI__SCAN_load) == 0) return Scanned::damaged;
  for (int marker = stbi__get_marker(jpeg); !stbi__EOI(marker); marker = stbi__get_marker(jpeg)) {
    if (stbi__SOS(marker)) {
      if (stbi__process_scan_header(jpeg) == 0) return Scanned::damaged;
      if (const Scanned scanned = decode_scan(jpeg); scanned != Scanned::whole) return scanned;
      const stbi_uc* const end = jpeg->s->img_buffer_end;
      if (std::all_of<const stbi_uc*>(jpeg->s->img_buffer, end, [](stbi_uc byte) { return byte == 0xff; }))
        break;
    } else if (stbi__DNL(marker)) {
      stbi__skip(jpeg->s, stbi__get16be(jpeg->s) - 2);  // repeats the height
    } else if (stbi__process_marker(jpeg, marker) == 0) {
      return Scanned::damaged;
    }
  }
  stbi__jpeg_finish(jpeg);
  return Scanned::whole;
}

/// The rows of one component, brought to the picture's size as stb_image does.
class ComponentRows {
 public:
  ComponentRows(const JpegDecoder& decoder, std::size_t n, Index by, Index width)
      : line_(static_cast<std::size_t>(width + 3)) {
    const stbi__jpeg& jpeg = decoder.jpeg;
    const auto& c = jpeg.img_comp[n];
    const PlaneReduction& plane = decoder.planes[n];
    h_ = jpeg.img_h_max / c.h * plane.by_x / static_cast<int>(by);
    v_ = jpeg.img_v_max / c.v * plane.by_y / static_cast<int>(by);
    stride_ = c.w2 / plane.by_x;
    rows_ = (c.y + plane.by_y - 1) / plane.by_y;
    stored_width_ = (static_cast<int>(width) + h_ - 1) / h_;
    step_ = v_ / 2;
    above_ = below_ = c.data;
    if (h_ == 1 && v_ == 1) resample_ = resample_row_1;
    if (h_ == 1 && v_ == 2) resample_ = stbi__resample_row_v_2;
    if (h_ == 2 && v_ == 1) resample_ = stbi__resample_row_h_2;
    if (h_ == 2 && v_ == 2) resample_ = jpeg.resample_row_hv_2_kernel;
  }

  const stbi_uc* next() {
    const bool nearer_below = step_ >= v_ / 2;
    const stbi_uc* row = resample_(line_.data(), nearer_below ? below_ : above_, nearer_below ? above_ : below_,
                                   stored_width_, h_);
    if (++step_ >= v_) {
      step_ = 0;
      above_ = below_;
      if (++row_ < rows_) below_ += stride_;
    }
    return row;
  }

 private:
  std::vector<stbi_uc> line_;
  int h_ = 1, v_ = 1;  // how often a value is repeated
  int stride_ = 0, rows_ = 0, stored_width_ = 0;
  int step_ = 0, row_ = 0;
  stbi_uc* above_ = nullptr;
  stbi_uc* below_ = nullptr;
  resample_row_func resample_ = stbi__resample_row_generic;
};

/// Turns rows of components into rows of a picture.
class ColorRows {
 public:
  ColorRows(const stbi__jpeg& jpeg, JpegColors colors, Index width)
      : jpeg_(jpeg), colors_(colors), width_(static_cast<std::size_t>(width)), rgb_(3 * width_ + 1) {}

  std::uint8_t* put(std::uint8_t* to, Index channels, const std::array<const stbi_uc*, 4>& lines) {
    const bool is_luma = colors_ == JpegColors::gray || (colors_ == JpegColors::ycbcr && channels == 1);
    if (is_luma && channels == 1) return std::copy_n(lines[0], width_, to);
    if (colors_ == JpegColors::ycbcr || colors_ == JpegColors::ycck) {
      // It writes one byte more than it says.
      jpeg_.YCbCr_to_RGB_kernel(rgb_.data(), lines[0], lines[1], lines[2], static_cast<int>(width_), 3);
      if (colors_ == JpegColors::ycbcr) return std::copy_n(rgb_.data(), 3 * width_, to);
    }
    for (std::size_t x = 0; x < width_; ++x) to = put_pixel(to, channels, lines, x);
    return to;
  }

 private:
  std::uint8_t* put_pixel(std::uint8_t* to, Index channels, const std::array<const stbi_uc*, 4>& lines,
                          std::size_t x) const {
    if (colors_ == JpegColors::gray) return put_gray(to, channels, lines[0][x]);
    if (colors_ == JpegColors::rgb) return put_color(to, channels, lines[0][x], lines[1][x], lines[2][x]);
    const stbi_uc black = lines[3][x];  // inverted, as the others
    const auto ink = [&](std::size_t i) {
      return colors_ == JpegColors::cmyk ? lines[i][x] : static_cast<stbi_uc>(255 - rgb_[3 * x + i]);
    };
    return put_color(to, channels, stbi__blinn_8x8(ink(0), black), stbi__blinn_8x8(ink(1), black),
                     stbi__blinn_8x8(ink(2), black));
  }

  const stbi__jpeg& jpeg_;
  JpegColors colors_;
  std::size_t width_;
  std::vector<stbi_uc> rgb_;
};

Raster raster_of(const JpegDecoder& decoder, const JpegPlan& plan, Index channels) {
  const Index whole_width = decoder.context.img_x, whole_height = decoder.context.img_y, by = plan.reduce_by;
  Raster image = make_raster((whole_width + by - 1) / by, (whole_height + by - 1) / by, channels);
  if (by > 1) image.reduction = {by, whole_width, whole_height};
  std::vector<ComponentRows> components;
  for (std::size_t n = 0; n < decoder.components(); ++n) {
    if (decoder.planes[n].wanted) components.emplace_back(decoder, n, by, image.width);
  }
  ColorRows colors(decoder.jpeg, plan.colors, image.width);
  std::uint8_t* to = image.pixels.data();
  std::array<const stbi_uc*, 4> lines = {};
  for (Index y = 0; y < image.height; ++y) {
    for (std::size_t n = 0; n < components.size(); ++n) lines[n] = components[n].next();
    to = colors.put(to, channels, lines);
  }
  return image;
}

}  // namespace

Raster decode_jpeg_with_stb(Bytes bytes, std::string_view name, const DecodeLimits& limits, Index channels,
                            const JpegPlan& plan) {
  const auto decoder = std::make_unique<JpegDecoder>(bytes, int_size(bytes, name));
  stbi__jpeg* jpeg = &decoder->jpeg;
  stbi__context& context = decoder->context;
  stbi__g_failure_reason = nullptr;
  if (stbi__decode_jpeg_header(jpeg, STBI__SCAN_header) == 0) fail_damaged(name, "JPEG");
  stbi__rewind(&context);

  const std::size_t untouched = plan_planes(*decoder, plan, channels);
  const std::size_t allowed =
      std::min(limits.max_memory, fair_memory(bytes.size(), context.img_x, context.img_y));
  const bool reduced = plan.reduce_by > 1;
  set_stb_budget(allowed + (reduced ? untouched : 0), reduced ? StbPages::on_demand : StbPages::cleared);
  if (untouched > 0) jpeg->idct_block_kernel = write_reduced_block;
  decoder_at_work = decoder.get();
  const Scanned scanned = decode_scans(jpeg);
  decoder_at_work = nullptr;
  if (stb_budget_was_exceeded()) {
    fail_for_memory(name, "JPEG", context.img_x, context.img_y, allowed,
                    jpeg->progressive != 0 ? ": save it as a baseline JPEG, not a progressive one" : "");
  }
  if (scanned == Scanned::truncated) fail_truncated_jpeg(name);
  if (scanned == Scanned::damaged) fail_damaged(name, "JPEG");
  return raster_of(*decoder, plan, channels);
}

}  // namespace mien::image::detail
