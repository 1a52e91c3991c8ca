#include "mien/core/gzip.hpp"

#include <string>
#include <vector>

#include "mien/core/crc32.hpp"
#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/gzip_text.hpp"

using mien::gunzip;
using Bytes = std::vector<std::uint8_t>;

namespace {

// printf 'hello hello hello hello\n' | gzip -9n
const Bytes kHello{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
                   0x57, 0xc8, 0x40, 0x27, 0xb9, 0x00, 0x00, 0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00};
// printf '' | gzip -9n
const Bytes kEmpty{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
                   0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

std::string text_of(const Bytes& packed) {
  const Bytes bytes = gunzip(packed, "a.gz");
  return {bytes.begin(), bytes.end()};
}

std::string error_of(const Bytes& packed, std::size_t max_bytes = 1000) {
  return mien::test::error_of([&] { gunzip(packed, "a.gz", max_bytes); });
}

Bytes with_header(std::uint8_t flags, const Bytes& fields) {
  Bytes packed = kHello;
  packed[3] = flags;
  packed.insert(packed.begin() + 10, fields.begin(), fields.end());
  return packed;
}

Bytes joined(const std::vector<Bytes>& files) {
  Bytes all;
  for (const Bytes& file : files) all.insert(all.end(), file.begin(), file.end());
  return all;
}

std::uint32_t crc_of(const std::string& text) {
  return mien::crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

TEST_CASE("the checksum is that of gzip and PNG") {
  CHECK(crc_of("") == 0);
  CHECK(crc_of("123456789") == 0xCBF43926u);
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414FA339u);
}

TEST_CASE("what gzip packed comes out again") {
  CHECK(mien::is_gzip(kHello));
  CHECK(text_of(kHello) == "hello hello hello hello\n");
  CHECK(text_of(kEmpty).empty());
}

TEST_CASE("the optional parts of a gzip header are passed over") {
  const std::string hello = "hello hello hello hello\n";
  CHECK(text_of(with_header(8, {'a', '.', 'c', 's', 'v', 0})) == hello);
  CHECK(text_of(with_header(16, {'n', 'o', 't', 'e', 0})) == hello);
  CHECK(text_of(with_header(4, {3, 0, 1, 2, 3})) == hello);
  CHECK(text_of(with_header(2, {0xaa, 0xbb})) == hello);
  CHECK(text_of(with_header(1 | 2 | 4 | 8 | 16, {1, 0, 9, 'f', 0, 0, 0xaa, 0xbb})) == hello);
}

TEST_CASE("a gzip header that runs past the end is refused") {
  CHECK(error_of(with_header(4, {0xff, 0xff})) ==
        "a.gz: the gzip file is cut short, in the member that begins at byte 0");
  Bytes endless_name = kHello;
  endless_name[3] = 8;
  for (std::size_t i = 10; i < endless_name.size(); ++i) endless_name[i] = 'x';
  CHECK(error_of(endless_name) == "a.gz: the gzip file is cut short, in the member that begins at byte 0");
  CHECK(error_of(with_header(0x20, {})) ==
        "a.gz: the gzip file has reserved flags set, in the member that begins at byte 0");
  Bytes other_method = kHello;
  other_method[2] = 7;
  CHECK(error_of(other_method) ==
        "a.gz: the gzip file has the unknown compression method 7, in the member that begins at byte 0");
  CHECK(error_of({'P', 'K'}) == "a.gz: not a gzip file");
}

TEST_CASE("a gzip file cut anywhere is refused") {
  for (std::size_t size = 0; size < kHello.size(); ++size) {
    CAPTURE(size);
    CHECK(error_of({kHello.begin(), kHello.begin() + static_cast<std::ptrdiff_t>(size)}) != "no error");
  }
}

TEST_CASE("a gzip file with any bit of its data or trailer flipped is refused") {
  for (std::size_t bit = 8 * 10; bit < 8 * kHello.size(); ++bit) {
    CAPTURE(bit);
    Bytes packed = kHello;
    packed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const std::string error = error_of(packed);
    // Bits between the end of the data and the trailer have no meaning.
    CHECK((error != "no error" || gunzip(packed, "a.gz") == gunzip(kHello, "a.gz")));
  }
  Bytes wrong_sum = kHello;
  wrong_sum[kHello.size() - 8] ^= 1;
  CHECK(error_of(wrong_sum) == "a.gz: the gzip file is damaged, in the member that begins at byte 0");
}

TEST_CASE("a promise of too many bytes asks for no memory, and more than is allowed is refused") {
  Bytes bomb = kHello;
  bomb[bomb.size() - 1] = 0x7f;
  CHECK(error_of(bomb, 0x7fffffff) == "a.gz: the gzip file is damaged, in the member that begins at byte 0");
  CHECK(error_of(bomb) == "a.gz: the gzip file is damaged, in the member that begins at byte 0");
  CHECK(error_of(kHello, 23) == "a.gz: the gzip file unpacks to more than the 23 bytes allowed");
  CHECK(error_of(kHello, 24) == "no error");
  CHECK(error_of(joined({kHello, kHello}), 47) ==
        "a.gz: the gzip file unpacks to more than the 47 bytes allowed");
  CHECK(error_of(joined({kHello, kHello}), 48) == "no error");
}

TEST_CASE("several gzip files in one are read one behind the other") {
  const std::string hello = "hello hello hello hello\n";
  CHECK(text_of(joined({kHello, kHello})) == hello + hello);
  CHECK(text_of(joined({kEmpty, kHello, kEmpty})) == hello);
  CHECK(text_of(joined({with_header(8, {'a', 0}), kEmpty, with_header(2, {1, 2})})) == hello + hello);
  // Longer than is guessed at first.
  std::string large;
  for (int i = 0; i < 9000; ++i) large += std::to_string(i) + " ";
  const std::string part = mien::test::stored_gzip(large);
  const Bytes stored(part.begin(), part.end());
  CHECK(text_of(joined({stored, kHello, stored})) == large + hello + large);
  // As many bytes as the last says there are, but not those.
  CHECK(text_of(joined({kHello, with_header(2, {1, 2})})) == hello + hello);
  Bytes damaged = joined({kHello, kHello});
  damaged[kHello.size() + 12] ^= 4;
  CHECK(error_of(damaged) == "a.gz: the gzip file is damaged, in the member that begins at byte 29");
  for (std::size_t size = kHello.size() + 1; size < 2 * kHello.size(); ++size) {
    const Bytes both = joined({kHello, kHello});
    CHECK(error_of({both.begin(), both.begin() + static_cast<std::ptrdiff_t>(size)}) != "no error");
  }
}

TEST_CASE("a gzip file cut within a member says so, and where that begins") {
  const Bytes both = joined({kHello, kHello});
  CHECK(error_of({both.begin(), both.begin() + 29 + 25}) ==
        "a.gz: the gzip file is cut short, in the member that begins at byte 29");
  std::string text;
  for (int i = 0; i < 9000; ++i) text += std::to_string(i) + " ";
  const std::string part = mien::test::stored_gzip(text);
  Bytes cut = joined({kHello, Bytes(part.begin(), part.end())});
  cut.resize(cut.size() / 2);
  CHECK(error_of(cut, 100000) ==
        "a.gz: the gzip file is cut short or damaged, in the member that begins at byte 29");
}

TEST_CASE("zeros behind a gzip file are passed over, other bytes are not") {
  const std::string hello = "hello hello hello hello\n";
  for (const std::size_t zeros : {1u, 7u, 8u, 512u}) CHECK(text_of(joined({kHello, Bytes(zeros, 0)})) == hello);
  CHECK(error_of(joined({kHello, {'x', 'y'}})) ==
        "a.gz: the gzip file ends at byte 29, and 2 bytes of something else follow");
  CHECK(error_of(joined({kHello, Bytes(9, 0), kHello})) ==
        "a.gz: the gzip file ends at byte 29, and 38 bytes of something else follow");
}

TEST_CASE("a small file that unpacks to a large one of nothing is refused before it is unpacked") {
  // Line breaks, each time 258 of them in 13 bits of fixed codes.
  std::string bits;
  const auto put = [&](std::string_view text) { bits += text; };
  put("110");       // the last block, of fixed codes
  put("00111010");  // a line break
  constexpr int kCopies = 1'200'000;
  for (int i = 0; i < kCopies; ++i) put("1100010100000");
  std::string packed("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  for (std::size_t at = 0; at < bits.size(); at += 8) {
    int byte = 0;
    for (std::size_t i = 0; i < 8 && at + i < bits.size(); ++i) byte |= (bits[at + i] - '0') << i;
    packed += static_cast<char>(byte);
  }
  packed += std::string(16, '\0');
  CHECK(mien::test::error_of([&] { (void)mien::gunzip(mien::test::bytes_of(packed), "a.gz"); }) ==
        "a.gz: the gzip file unpacks to more than the 268435456 bytes allowed");
}
