// The least time of a training step, on a machine whose rates are given.
#include "bench/floor.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using mien::bench::FloorRow;
using mien::bench::Peak;

namespace {

constexpr mien::Index kBatch = 10;

mien::model::Graph graph_of(const std::string& text) {
  return mien::model::plan(mien::model::ModelSpec::from_text(text));
}

Peak peak_of(double gflops, double read_gb, double update_gb) {
  Peak peak;
  peak.gflops = gflops;
  peak.read_gb = read_gb;
  peak.update_gb = update_gb;
  return peak;
}

std::vector<FloorRow> rows_of(const std::string& text, const Peak& peak) {
  return mien::bench::floor_of(graph_of(text), peak, kBatch);
}

std::vector<FloorRow> fused_rows_of(const std::string& text, const Peak& peak) {
  return mien::bench::fused_floor_of(graph_of(text), peak, kBatch);
}

// "conv1 forward, conv1 backward"
std::string names_of(const std::vector<FloorRow>& rows) {
  std::string names;
  for (const FloorRow& row : rows) {
    names += (names.empty() ? "" : ", ") + row.layer + " " + name_of(row.pass);
  }
  return names;
}

const std::string kDense = "input 1 2 2 | dense 8 | relu | dense 3";
const Peak kPeak = peak_of(100, 10, 20);

}  // namespace

TEST_CASE("a pass takes the longer of its arithmetic and its traffic, read and updated at rates of their own") {
  const double read = 4e-6 * (4 * 8 + 10 * 4);  // the weights and the input
  const double updated = 2 * 4e-6 * 10 * 8;     // the output, read before it is written
  const double gflop = 2e-9 * 10 * 4 * 8;
  const FloorRow row = rows_of(kDense, kPeak)[0];
  CHECK(row.gflop == Approx(gflop));
  CHECK(row.read_mb == Approx(read));
  CHECK(row.update_mb == Approx(updated));
  CHECK(row.floor_ms == Approx(read / 10 + updated / 20));
  CHECK(rows_of(kDense, peak_of(0.1, 10, 20))[0].floor_ms == Approx(gflop / 0.1 * 1e3));
}

TEST_CASE("an update moves weights and both moments there and back") {
  const FloorRow row = rows_of(kDense, kPeak)[1];
  CHECK(row.update_mb == Approx(24e-6 * 4 * 8));
  CHECK(row.read_mb == Approx(4e-6 * 10 * (4 + 8)));
  CHECK(row.gflop == Approx(2e-9 * (10 + 7) * 4 * 8));
}

TEST_CASE("no gradient goes to where nothing learns") {
  CHECK(names_of(rows_of(kDense, kPeak)) ==
        "dense1 forward, dense1 update, dense2 forward, dense2 backward, dense2 update");
  CHECK(names_of(rows_of("input 1 4 4 | maxpool 2 2 | conv 2 3 same | maxpool 2 2", kPeak)) ==
        "maxpool1 forward, conv1 forward, conv1 backward, maxpool2 forward, maxpool2 backward");
}

TEST_CASE("Winograd's transforms count, those of filters once a batch") {
  const std::vector<FloorRow> rows = rows_of("input 16 8 8 | conv 32 3 same", kPeak);
  const double products = 16 * 32 * 4 * 36, inputs = 4 * 16 * 12 * 13, filters = 16 * 32 * 9 * 2 * 5;
  CHECK(rows[0].gflop == Approx(2e-9 * (10 * (products + inputs + 4 * 32 * 10 * 10) + filters)));
  CHECK(rows[1].gflop == Approx(2e-9 * (10 * (products + inputs + 4 * 32 * 10 * 9) + filters)));
}

TEST_CASE("small maps take the method that multiplies the least") {
  const auto gflop = [](const std::string& text) { return rows_of(text, kPeak)[0].gflop; };
  CHECK(gflop("input 16 1 1 | conv 32 3 same") == Approx(2e-9 * 10 * 16 * 32 * 9));
  CHECK(gflop("input 16 2 2 | conv 32 3 same") == Approx(2e-9 * 10 * 16 * 32 * 4 * 9));
}

TEST_CASE("an input's gradient has products and transforms of its own") {
  const std::vector<FloorRow> rows = rows_of("input 16 12 12 | relu | conv 16 5 same | conv 16 3 same", kPeak);
  const double products = 16 * 16 * 4 * 64, inputs = 4 * 16 * 16 * 26, filters = 16 * 16 * 11 * 3 * 5;
  CHECK(rows[3].gflop == Approx(2e-9 * (10 * (2 * products + 2 * inputs + 4 * 16 * 14 * 20) + filters)));
}

TEST_CASE("LRN's arithmetic counts") {
  const std::vector<FloorRow> rows = rows_of("input 1 8 8 | conv 32 3 same | lrn 4 1 0.0001 0.75", kPeak);
  CHECK(rows[2].gflop == Approx(2e-9 * 10 * 32 * 64 * (19 + 4)));
  CHECK(rows[3].gflop == Approx(2e-9 * 10 * 32 * 64 * (26 + 2 * 4)));
}

TEST_CASE("a backward pass reads inputs and gradients and writes gradients where they go on") {
  const std::string text = "input 1 8 8 | conv 2 3 same | maxpool 2 2 | lrn 1 1 0.0001 0.75";
  const std::vector<FloorRow> rows = rows_of(text, kPeak);
  CHECK(names_of(rows) ==
        "conv1 forward, conv1 backward, maxpool1 forward, maxpool1 backward, lrn1 forward, lrn1 backward");
  CHECK(rows[1].read_mb == Approx(4e-6 * 10 * (64 + 2 * 64)));
  CHECK(rows[1].update_mb == 0);
  CHECK(rows[3].read_mb == Approx(4e-6 * 10 * 2 * 16));
  CHECK(rows[3].update_mb == Approx(2 * 4e-6 * 10 * 2 * 64));
  CHECK(rows[5].read_mb == Approx(4e-6 * 10 * 2 * (16 + 16)));
  CHECK(rows[5].update_mb == Approx(2 * 4e-6 * 10 * 2 * 16));
}

TEST_CASE("joined, one sweep updates a dense layer and is its next forward pass") {
  const std::vector<FloorRow> rows = fused_rows_of(kDense, kPeak);
  CHECK(names_of(rows) == "dense1 update+forward, dense2 update+forward, dense2 backward");
  CHECK(rows[0].gflop == Approx(2e-9 * (2 * 10 + 7) * 4 * 8));
  CHECK(rows[0].read_mb == Approx(4e-6 * 10 * (4 + 8 + 4)));
  CHECK(rows[0].update_mb == Approx(24e-6 * 4 * 8 + 2 * 4e-6 * 10 * 8));
}

TEST_CASE("joined, layers without products ride on the one before them") {
  const std::vector<FloorRow> rows =
      fused_rows_of("input 1 8 8 | conv 2 3 same | maxpool 2 2 | lrn 1 1 0.0001 0.75 | conv 2 3 same", kPeak);
  CHECK(names_of(rows) ==
        "conv1+maxpool1+lrn1 forward, conv1+maxpool1+lrn1 backward, conv2 forward, conv2 backward");
  CHECK(rows[0].read_mb == Approx(4e-6 * 10 * 64));
  CHECK(rows[0].update_mb == Approx(2 * 4e-6 * 10 * 2 * 16));
  CHECK(rows[0].gflop == Approx(2e-9 * 10 * (9 * 2 * 64 + 2 * 16 * (19 + 1))));  // LRN of two channels
}

TEST_CASE("joined passes compute the same and never take longer") {
  for (const char* name : {"paper", "small", "large", "faces", "points"}) {
    const mien::model::Graph graph = mien::model::plan(mien::model::preset(name));
    const auto rows = mien::bench::floor_of(graph, kPeak, kBatch);
    const auto fused = mien::bench::fused_floor_of(graph, kPeak, kBatch);
    double gflop = 0, fused_gflop = 0;
    for (const FloorRow& row : rows) gflop += row.gflop;
    for (const FloorRow& row : fused) fused_gflop += row.gflop;
    CHECK(fused_gflop == Approx(gflop));
    CHECK(total_ms(fused) < total_ms(rows));
  }
}
