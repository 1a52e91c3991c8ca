// JPEG files of any size and kind, in a few lines and milliseconds: every 8 x 8 block is one level, or one
// level and a wave along it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace mien::test {

struct JpegBlock {
  int level = 128;  ///< of its pixels, 0 .. 255
  int wave = 0;     ///< the first coefficient behind that, -31 .. 31: half a period, to the right
};

struct JpegPart {
  std::uint8_t id = 1;
  int h = 1, v = 1;  ///< sampling factors
  /// The block in column x and row y of this component.
  std::function<JpegBlock(int x, int y)> block = [](int, int) { return JpegBlock{}; };
};

struct JpegFile {
  int width = 8, height = 8;
  std::vector<JpegPart> parts = {JpegPart{}};
  std::string markers = {};  ///< whole segments, behind the start
  bool progressive = false;
  bool interleaved = true;  ///< of a file that is not progressive
  int restart_interval = 0;
  bool dc_table = true, ac_table = true;  ///< those of annex K.3, as far as they are used
  bool quantization = true;
  bool end = true;
};

class JpegWriter {
 public:
  explicit JpegWriter(const JpegFile& file) : file_(file) {
    for (const JpegPart& part : file.parts) {
      h_max_ = std::max(h_max_, part.h);
      v_max_ = std::max(v_max_, part.v);
    }
  }

  std::vector<std::uint8_t> write() {
    out_ = "\xff\xd8" + file_.markers;
    if (file_.quantization) segment(0xdb, std::string(1, '\0') + std::string(64, '\x08'));
    frame_header();
    if (file_.restart_interval > 0) segment(0xdd, be16(file_.restart_interval));
    if (file_.dc_table) {
      segment(0xc4,
              bytes({0, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    }
    if (file_.ac_table)
      segment(0xc4, bytes({16, 0, 2, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 17, 5}));
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < file_.parts.size(); ++i) all.push_back(i);
    if (file_.progressive || file_.interleaved) scan(all, true, !file_.progressive);
    for (const std::size_t i : all) {
      if (file_.progressive) scan({i}, false, true);
      if (!file_.progressive && !file_.interleaved) scan({i}, true, true);
    }
    if (file_.end) out_ += "\xff\xd9";
    return {out_.begin(), out_.end()};
  }

 private:
  struct Code {
    int bits, length;
  };

  static std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
  }
  static std::string be16(int value) { return bytes({value >> 8, value & 255}); }
  static int ceil_div(int a, int b) { return (a + b - 1) / b; }

  void segment(int marker, const std::string& data) {
    out_ += bytes({0xff, marker}) + be16(static_cast<int>(data.size()) + 2) + data;
  }

  void frame_header() {
    std::string data =
        bytes({8}) + be16(file_.height) + be16(file_.width) + bytes({static_cast<int>(file_.parts.size())});
    for (const JpegPart& part : file_.parts) data += bytes({part.id, part.h << 4 | part.v, 0});
    segment(file_.progressive ? 0xc2 : 0xc0, data);
  }

  void scan(const std::vector<std::size_t>& which, bool dc, bool ac) {
    std::string header = bytes({static_cast<int>(which.size())});
    for (const std::size_t i : which) header += bytes({file_.parts[i].id, 0});
    segment(0xda, header + bytes({dc ? 0 : 1, ac ? 63 : 0, 0}));
    last_.assign(file_.parts.size(), 0);
    units_ = 0;
    if (which.size() == 1) {
      const JpegPart& part = file_.parts[which[0]];
      const int columns = ceil_div(ceil_div(file_.width * part.h, h_max_), 8);
      const int rows = ceil_div(ceil_div(file_.height * part.v, v_max_), 8);
      for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
          begin_unit();
          block(which[0], x, y, dc, ac);
        }
      }
    } else {
      for (int y = 0; y < ceil_div(file_.height, 8 * v_max_); ++y) {
        for (int x = 0; x < ceil_div(file_.width, 8 * h_max_); ++x) interleaved_unit(which, x, y, dc, ac);
      }
    }
    flush();
  }

  void interleaved_unit(const std::vector<std::size_t>& which, int x, int y, bool dc, bool ac) {
    begin_unit();
    for (const std::size_t i : which) {
      const JpegPart& part = file_.parts[i];
      for (int v = 0; v < part.v; ++v) {
        for (int h = 0; h < part.h; ++h) block(i, x * part.h + h, y * part.v + v, dc, ac);
      }
    }
  }

  void begin_unit() {
    if (file_.restart_interval > 0 && units_ > 0 && units_ % file_.restart_interval == 0) {
      flush();
      out_ += bytes({0xff, 0xd0 + (units_ / file_.restart_interval - 1) % 8});
      last_.assign(last_.size(), 0);
    }
    ++units_;
  }

  void block(std::size_t part, int x, int y, bool dc, bool ac) {
    static constexpr Code kDc[] = {{0, 2}, {2, 3},  {3, 3},  {4, 3},  {5, 3},
                                   {6, 3}, {14, 4}, {30, 5}, {62, 6}, {126, 7}};
    static constexpr Code kEnd = {10, 4}, kAc[] = {kEnd, {0, 2}, {1, 2}, {4, 3}, {11, 4}, {26, 5}};
    const JpegBlock b = file_.parts[part].block(x, y);
    if (dc) {  // of one that quantization makes eight times as large: a level in the end
      value(kDc, b.level - 128 - last_[part]);
      last_[part] = b.level - 128;
    }
    if (!ac) return;
    if (b.wave != 0) value(kAc, b.wave);
    put(kEnd);
  }

  void value(const Code* codes, int v) {
    int size = 0;
    for (int rest = std::abs(v); rest > 0; rest >>= 1) ++size;
    put(codes[size]);
    put({v < 0 ? v + (1 << size) - 1 : v, size});
  }

  void put(Code code) {
    for (int i = code.length - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (code.bits >> i & 1);
      if (++held_ == 8) flush_byte();
    }
  }
  void flush_byte() {
    out_ += static_cast<char>(byte_);
    if (byte_ == 0xff) out_ += '\0';
    byte_ = held_ = 0;
  }
  void flush() {
    while (held_ > 0) put({1, 1});
  }

  const JpegFile& file_;
  int h_max_ = 1, v_max_ = 1;
  std::string out_;
  std::vector<int> last_;  // level of each component's last block
  int units_ = 0;
  int byte_ = 0, held_ = 0;
};

inline std::vector<std::uint8_t> write_jpeg(const JpegFile& file) {
  return JpegWriter(file).write();
}

/// Blocks of one level everywhere.
inline JpegPart flat_part(std::uint8_t id, int level, int h = 1, int v = 1) {
  return {id, h, v, [level](int, int) { return JpegBlock{level, 0}; }};
}

}  // namespace mien::test
