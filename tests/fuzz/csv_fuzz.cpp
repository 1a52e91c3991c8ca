// Any bytes, plain or packed: the reader throws DataError or gives a data set that is whole.
// The file is tried with short lines allowed too, so that bounds within lines are met.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "mien/core/error.hpp"
#include "mien/core/gzip.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/fer2013.hpp"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void read(std::span<const std::uint8_t> bytes, const mien::data::CsvOptions& options) {
  try {
    const mien::data::Dataset dataset = mien::data::parse_fer2013_csv(bytes, "fuzz", options);
    const std::size_t size = dataset.labels.size();
    expect(size > 0 && dataset.splits.size() == size && dataset.pixels.size() == 48 * 48 * size);
    for (const std::uint8_t label : dataset.labels) expect(label < mien::data::kClassCount);
  } catch (const mien::DataError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool one_thread = (mien::set_thread_count(1), true);
  static_cast<void>(one_thread);
  const std::span<const std::uint8_t> bytes(data, size);
  read(bytes, {.max_bytes = std::size_t{1} << 24});
  read(bytes, {.max_line_bytes = 64, .max_bytes = std::size_t{1} << 24});
  try {
    expect(mien::gunzip(bytes, "fuzz", 1 << 20).size() <= 1 << 20);
  } catch (const mien::DataError&) {
  }
  return 0;
}
