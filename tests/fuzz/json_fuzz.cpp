// Any bytes: the parser throws DataError or gives a value that writes and reads back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

mien::Json parse_or_null(std::string_view text, bool& parsed) {
  try {
    mien::Json value = mien::parse_json(text, "fuzz");
    parsed = true;
    return value;
  } catch (const mien::DataError&) {
    return nullptr;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool parsed = false;
  const mien::Json value = parse_or_null({reinterpret_cast<const char*>(data), size}, parsed);
  if (!parsed) return 0;
  const std::string compact = mien::to_json(value);
  for (const char c : compact) expect(c >= 0x20 && c < 0x7f);
  expect(mien::parse_json(compact, "compact") == value);
  const mien::Json pretty = mien::parse_json(mien::to_json(value, {.pretty = true, .ascii = false}), "pretty");
  expect(mien::to_json(pretty) == compact);
  return 0;
}
