// Sums of chosen rows, and the narrow weights they read.
#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/halves.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

template <typename Weight>
using RowSums = void (*)(float*, const float*, Index, const std::int32_t*, Index, const Weight*, Index);

// Every third row, the last one first.
std::vector<std::int32_t> some_rows(Index all) {
  std::vector<std::int32_t> rows;
  for (Index row = all - 1; row >= 0; row -= 3) rows.push_back(static_cast<std::int32_t>(row));
  return rows;
}

// `stored` are the weights that `w` stand for.
template <typename Weight>
void check_row_sums(RowSums<Weight> row_sums, const std::vector<Weight>& w, const std::vector<float>& stored,
                    Index all, Index columns) {
  const std::vector<std::int32_t> rows = some_rows(all);
  const Index count = static_cast<Index>(rows.size());
  for (Index images = 1; images <= kRowSumImages; ++images) {
    CAPTURE(all, columns, images);
    const std::vector<float> x = integers(count * images, 2);
    std::vector<float> expected = integers(images * columns, 3);
    Guarded<float> actual(expected);
    std::vector<float> chosen;
    for (const std::int32_t row : rows) {
      chosen.insert(chosen.end(), stored.begin() + row * columns, stored.begin() + (row + 1) * columns);
    }
    reference::gemm(true, false, images, columns, count, x.data(), images, chosen.data(), columns,
                    expected.data(), columns, true);
    row_sums(actual.data(), x.data(), images, rows.data(), count, w.data(), columns);
    CHECK(difference(actual, expected) == "");
  }
}

TEST_CASE("sums of chosen rows equal the reference for every instruction set and kind of weight") {
  for_each_isa([](const KernelTable& table) {
    for (const Index all : {0, 1, 2, 24, 25, 100}) {
      for (const Index columns : {1, 7, 16, 33, 64, 131, 256}) {
        const std::vector<float> w = integers(all * columns, 1);  // small: exact in every kind
        check_row_sums(table.row_sums_f32, w, w, all, columns);
        check_row_sums(table.row_sums_bf16, upper_halves(w), w, all, columns);
        check_row_sums(table.row_sums_int8, std::vector<std::int8_t>(w.begin(), w.end()), w, all, columns);
      }
    }
  });
}

TEST_CASE("narrow weights expand to the floats they stand for on every instruction set") {
  for_each_isa([](const KernelTable& table) {
    for (const LengthCase& c : length_cases()) {
      if (c.size == CaseSize::huge) continue;
      CAPTURE(c.n);
      std::vector<std::int8_t> bytes(static_cast<std::size_t>(c.n));
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::int8_t>(i % 256 - 128);
      Guarded<float> from_bytes(c.n), from_halves(c.n);
      table.expand_int8(from_bytes.data(), bytes.data(), c.n);
      CHECK(difference(from_bytes, bytes) == "");
      const std::vector<float> exact = integers(c.n, 1);
      table.expand_bf16(from_halves.data(), upper_halves(exact).data(), c.n);
      CHECK(difference(from_halves, exact) == "");
    }
  });
}

}  // namespace
