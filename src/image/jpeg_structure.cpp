// Markers: ITU-T T.81, table B.1.
#include "image/jpeg_structure.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace mien::image::detail {
namespace {

// Every scan of a progressive file visits every block, however short the scan is. Encoders write about 10.
constexpr int kMaxScans = 100;
constexpr std::size_t kMaxHuffmanValues = 256;
constexpr std::size_t kCoefficients = 64;
constexpr std::size_t kTablesOfAKind = 2;  // of each kind, in annex K.3

bool is_restart(std::uint8_t marker) {
  return marker >= 0xd0 && marker <= 0xd7;
}

bool begins_with(Bytes data, std::string_view text) {
  return data.size() >= text.size() && std::equal(text.begin(), text.end(), data.begin());
}

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

struct Component {
  std::uint8_t id = 0;
  int h = 1, v = 1;  // sampling factors
  std::size_t quantization = 0;
  bool scanned = false;
  // Of a progressive file: which bit of every coefficient is the last that has come; -1 for none.
  std::array<int, kCoefficients> last_bit = {};
};

class JpegWalk {
 public:
  JpegWalk(Bytes bytes, std::string_view name, const DecodeLimits& limits)
      : bytes_(bytes), name_(name), limits_(limits) {}

  JpegStructure run() {
    for (at_ = 2; has_end_;) {
      const std::uint8_t marker = next_marker();
      if (marker == 0xd9) break;
      if (marker == 0x01 || is_restart(marker)) continue;
      if (bytes_.size() - at_ < 2) fail_truncated_jpeg(name_);
      const std::size_t length = be16(bytes_, at_);
      if (length < 2) damaged("segment of " + std::to_string(length) + " bytes");
      if (bytes_.size() - at_ < length) fail_truncated_jpeg(name_);
      const Bytes segment = bytes_.subspan(at_ + 2, length - 2);
      at_ += length;
      read_segment(marker, segment);
    }
    if (scans_ == 0) damaged("no image in it");
    if (!is_complete()) fail_truncated_jpeg(name_);
    result_.colors = colors();
    result_.orientation = orientation_.value_or(1);
    return result_;
  }

 private:
  [[noreturn]] void damaged(const std::string& what) const { fail(name_, "damaged JPEG: " + what); }

  /// Skips to 0xff and over repeats of it; leaves at_ behind the marker.
  std::uint8_t next_marker() {
    while (at_ < bytes_.size() && bytes_[at_] != 0xff) ++at_;
    while (at_ < bytes_.size() && bytes_[at_] == 0xff) ++at_;
    if (at_ >= bytes_.size()) fail_truncated_jpeg(name_);
    return bytes_[at_++];
  }

  /// Over entropy-coded data, to the 0xff of the marker that ends it, or to the end of the file.
  void skip_scan() {
    if (++scans_ > kMaxScans) fail(name_, "JPEG of more than " + std::to_string(kMaxScans) + " scans");
    if (std::int64_t{result_.width} * result_.height > limits_.max_scanned_pixels / scans_) {
      fail(name_, "JPEG of " + std::to_string(result_.width) + "x" + std::to_string(result_.height) +
                      " pixels in " + std::to_string(scans_) + " scans, which takes too long");
    }
    const std::size_t begin = at_;
    Index restarts = 0;
    for (;; ++at_) {
      at_ = static_cast<std::size_t>(
          std::find(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), bytes_.end(), 0xff) - bytes_.begin());
      if (bytes_.size() - at_ < 2) {
        has_end_ = false;
        break;
      }
      const std::uint8_t next = bytes_[at_ + 1];
      if (is_restart(next)) ++restarts;
      if (next != 0 && next != 0xff && !is_restart(next)) break;
    }
    // A small file is no large picture.
    const std::size_t bytes = (has_end_ ? at_ : bytes_.size()) - begin;
    if (static_cast<Index>(bytes) < units_in_scan() * least_bits_ / 8) fail_truncated_jpeg(name_);
    if (restart_interval_ > 0 && restarts < ceil_div(units_in_scan(), restart_interval_) - 1)
      fail_truncated_jpeg(name_);
  }

  void read_segment(std::uint8_t marker, Bytes data) {
    if (marker == 0xc4) {
      read_huffman(data);
    } else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc) {
      read_frame(marker, data);
    } else if (marker == 0xda) {
      read_scan(data);
      skip_scan();
    } else if (marker == 0xdb) {
      read_quantization(data);
    } else if (marker == 0xdd && data.size() == 2) {
      restart_interval_ = static_cast<Index>(be16(data, 0));
    } else if (marker == 0xe0 && begins_with(data, std::string_view("JFIF\0", 5))) {
      is_jfif_ = true;
    } else if (marker == 0xee && begins_with(data, "Adobe") && data.size() >= 12) {
      adobe_transform_ = data[11];
    } else if (marker == 0xe1 && !orientation_ && has_exif_header(data)) {
      orientation_ = exif_orientation(data);
    }
  }

  /// stb_image before 2.28 writes past its tables for more values than these.
  void read_huffman(Bytes data) {
    while (!data.empty()) {
      if (data.size() < 17) damaged("bad Huffman table");
      std::size_t values = 0;
      for (std::size_t i = 1; i <= 16; ++i) values += data[i];
      if (values > kMaxHuffmanValues || data.size() < 17 + values) damaged("bad Huffman table");
      const std::size_t kind = data[0] >> 4, table = data[0] & 15;
      if (kind < 2 && table < 4) huffman_[kind][table] = true;
      data = data.subspan(17 + values);
    }
  }

  void read_quantization(Bytes data) {
    while (!data.empty()) {
      if (const std::size_t table = data[0] & 15; table < 4) quantization_[table] = true;
      data = data.subspan(std::min(data.size(), 1 + kCoefficients * ((data[0] >> 4) != 0 ? 2 : 1)));
    }
  }

  void read_frame(std::uint8_t marker, Bytes data) {
    if (marker > 0xc2) fail(name_, "JPEG with lossless or arithmetic coding, which is not read");
    if (count_ > 0) damaged("two frame headers");
    if (data.size() < 6) damaged("short frame header");
    if (data[0] != 8) fail(name_, "JPEG of " + std::to_string(data[0]) + " bits per sample, which is not read");
    result_.height = static_cast<Index>(be16(data, 1));
    result_.width = static_cast<Index>(be16(data, 3));
    (void)jpeg_reduction(name_, result_.width, result_.height, limits_);
    count_ = data[5];
    if (count_ != 1 && count_ != 3 && count_ != 4) {
      fail(name_, "JPEG of " + std::to_string(count_) + " components, of which 1, 3 or 4 are read");
    }
    if (data.size() < 6 + 3 * count_) damaged("short frame header");
    is_progressive_ = marker == 0xc2;
    for (std::size_t i = 0; i < count_; ++i) {
      Component& c = components_[i];
      c.id = data[6 + 3 * i];
      // Scans name components by these.
      for (std::size_t k = 0; k < i; ++k) {
        if (components_[k].id == c.id) damaged("two components of the same number");
      }
      c.h = std::max(data[7 + 3 * i] >> 4, 1);
      c.v = std::max(data[7 + 3 * i] & 15, 1);
      c.quantization = data[8 + 3 * i];
      c.last_bit.fill(-1);
    }
  }

  void read_scan(Bytes data) {
    if (count_ == 0) damaged("a scan before the frame header");
    const std::size_t scanned = data.empty() ? 0 : data[0];
    if (scanned < 1 || scanned > count_ || data.size() < 4 + 2 * scanned) damaged("bad scan header");
    const std::size_t first = data[1 + 2 * scanned], last = data[2 + 2 * scanned];
    const std::uint8_t bits = data[3 + 2 * scanned];
    scan_ = nullptr;
    // A block begins with a code of a bit at least, and ends with one where all of it is in this scan.
    least_bits_ = first > 0 ? 0 : static_cast<Index>(scanned) * (is_progressive_ ? 1 : 2);
    for (std::size_t i = 0; i < scanned; ++i) {
      Component& c = component_of(data[1 + 2 * i]);
      if (scanned == 1) scan_ = &c;
      c.scanned = true;
      if (c.quantization > 3 || !quantization_[c.quantization]) damaged("no quantization table for a scan");
      const std::size_t tables = data[2 + 2 * i];
      if (!is_progressive_ || (first == 0 && bits >> 4 == 0)) need_huffman(0, tables >> 4);
      if (!is_progressive_ || first > 0) need_huffman(1, tables & 15);
      for (std::size_t k = first; k <= last && k < kCoefficients; ++k) c.last_bit[k] = bits & 15;
    }
  }

  Component& component_of(std::uint8_t id) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (components_[i].id == id) return components_[i];
    }
    damaged("a scan of a component that is not there");
  }

  /// Cameras leave out the Huffman tables that all of them use, which decoders of videos then supply.
  void need_huffman(std::size_t kind, std::size_t table) {
    if (table < 4 && huffman_[kind][table]) return;
    if (is_progressive_ || table >= kTablesOfAKind) damaged("no Huffman table for a scan");
    result_.lacks_tables = true;
  }

  /// Whether what has been scanned can be all of the picture: each component, and without an end marker, which
  /// may say that no more is to come, to the last bit of each coefficient.
  bool is_complete() const {
    for (std::size_t i = 0; i < count_; ++i) {
      const auto& bits = components_[i].last_bit;
      if (!components_[i].scanned) return false;
      if (is_progressive_ && !has_end_ &&
          std::any_of(bits.begin(), bits.end(), [](int bit) { return bit != 0; }))
        return false;
    }
    return true;
  }

  /// How many units of the last scan restarts are counted in.
  Index units_in_scan() const {
    int h_max = 1, v_max = 1;
    for (std::size_t i = 0; i < count_; ++i) {
      h_max = std::max(h_max, components_[i].h);
      v_max = std::max(v_max, components_[i].v);
    }
    if (scan_ == nullptr)
      return ceil_div(result_.width, Index{8} * h_max) * ceil_div(result_.height, Index{8} * v_max);
    return ceil_div(ceil_div(result_.width * scan_->h, h_max), 8) *
           ceil_div(ceil_div(result_.height * scan_->v, v_max), 8);
  }

  JpegColors colors() const {
    if (count_ == 1) return JpegColors::gray;
    if (count_ == 4) return adobe_transform_ <= 0 ? JpegColors::cmyk : JpegColors::ycck;
    if (is_jfif_) return JpegColors::ycbcr;
    if (adobe_transform_ >= 0) return adobe_transform_ == 0 ? JpegColors::rgb : JpegColors::ycbcr;
    const bool named_rgb = components_[0].id == 'R' && components_[1].id == 'G' && components_[2].id == 'B';
    return named_rgb ? JpegColors::rgb : JpegColors::ycbcr;
  }

  Bytes bytes_;
  std::string_view name_;
  const DecodeLimits& limits_;
  JpegStructure result_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;  // of components; 0 before the frame header
  std::array<Component, 4> components_;
  bool is_progressive_ = false;
  std::array<std::array<bool, 4>, 2> huffman_ = {};  // DC and AC
  std::array<bool, 4> quantization_ = {};
  Index restart_interval_ = 0;
  int scans_ = 0;
  Index least_bits_ = 0;             // that the last scan has for each of its units
  bool has_end_ = true;              // an end marker; without it the last scan goes to the end of the file
  const Component* scan_ = nullptr;  // the one component of the last scan; none where it has several
  std::optional<int> orientation_;
  int adobe_transform_ = -1;
  bool is_jfif_ = false;
};

}  // namespace

Index jpeg_reduction(std::string_view name, Index width, Index height, const DecodeLimits& limits) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height) + " pixels";
  if (width < 1 || height < 1) fail(name, "image of " + size);
  if (width > limits.max_jpeg_pixels / height) {
    fail(name, "image of " + size + ", at most " + std::to_string(limits.max_jpeg_pixels) + " in all are read");
  }
  for (const Index by : {1, 2, 4, 8}) {
    const Index w = ceil_div(width, by), h = ceil_div(height, by);
    if (w <= limits.max_edge && h <= limits.max_edge && w <= limits.max_pixels / h) return by;
  }
  fail(name, "image of " + size + ", too large to be read even at an eighth of its size");
}

JpegStructure read_jpeg_structure(Bytes bytes, std::string_view name, const DecodeLimits& limits) {
  return JpegWalk(bytes, name, limits).run();
}

}  // namespace mien::image::detail
