#include "mien/core/sha256.hpp"

#include <array>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using mien::Sha256;
using mien::sha256_hex;
using mien::to_hex;

namespace {

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  std::uint32_t state = 1;
  for (char& c : text) c = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
  return text;
}

}  // namespace

// FIPS 180-2 appendix B and NIST's example values,
// https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
TEST_CASE("SHA-256 gives the digests of the standard") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                   "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  CHECK(sha256_hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// The state after one block, FIPS 180-2 appendix B.1: "abc" padded by hand.
TEST_CASE("both ways of computing SHA-256 give the state of the standard's example") {
  std::array<std::byte, 64> block{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}, std::byte{0x80}};
  block[63] = std::byte{24};
  const std::array<std::uint32_t, 8> initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const std::array<std::uint32_t, 8> expected = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                                 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
  auto state = initial;
  mien::detail::sha256_compress_scalar(state, block.data(), 1);
  CHECK(state == expected);
  if (const auto compress = mien::detail::sha256_compress_hardware()) {
    state = initial;
    compress(state, block.data(), 1);
    CHECK(state == expected);
  }
}

TEST_CASE("the processor's SHA instructions agree with plain code") {
  const auto compress = mien::detail::sha256_compress_hardware();
  if (compress == nullptr) return;
  const std::string text = noise(64 * 33 + 1);
  const std::byte* bytes = reinterpret_cast<const std::byte*>(text.data());
  for (std::size_t count = 0; count <= 33; ++count) {
    for (const std::size_t shift : {0, 1}) {
      std::array<std::uint32_t, 8> scalar = {1, 2, 3, 4, 5, 6, 7, 0xffffffff};
      auto hardware = scalar;
      mien::detail::sha256_compress_scalar(scalar, bytes + shift, count);
      compress(hardware, bytes + shift, count);
      CHECK(scalar == hardware);
    }
  }
}

TEST_CASE("SHA-256 does not depend on how the bytes are cut") {
  const std::string text = noise(300);
  for (std::size_t size = 0; size <= 200; ++size) {
    const std::string_view whole = std::string_view(text).substr(0, size);
    for (const std::size_t step : {1, 3, 63, 64, 65}) {
      Sha256 hash;
      for (std::size_t at = 0; at < size; at += step) hash.update(whole.substr(at, step));
      hash.update("");
      CHECK(to_hex(hash.finish()) == sha256_hex(whole));
    }
  }
}

// From Python's hashlib: lengths around the end of a block, where the padding takes one more.
TEST_CASE("SHA-256 pads at every length around a block's end") {
  CHECK(sha256_hex(std::string(55, 'a')) == "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  CHECK(sha256_hex(std::string(56, 'a')) == "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  CHECK(sha256_hex(std::string(63, 'a')) == "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
  CHECK(sha256_hex(std::string(64, 'a')) == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  CHECK(sha256_hex(std::string(65, 'a')) == "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
}

TEST_CASE("a finished hash starts over") {
  Sha256 hash;
  hash.update("x");
  hash.finish();
  hash.update("abc");
  CHECK(to_hex(hash.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a file's SHA-256 is that of its bytes") {
  const mien::test::TemporaryFolder folder;
  const std::string text = noise((std::size_t{1} << 20) + 17);
  mien::write_file_atomically(folder / "a", text);
  CHECK(mien::sha256_file_hex(folder / "a") == sha256_hex(text));
  CHECK_THROWS_AS(mien::sha256_file_hex(folder / "missing"), mien::DataError);
}
