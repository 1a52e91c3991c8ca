#include "mien/data/audit.hpp"

#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "support/catch.hpp"

using mien::data::Audit;
using mien::data::Dataset;
using mien::data::Split;

namespace {

constexpr Split kTraining = Split::training;
constexpr Split kPublic = Split::public_test;
constexpr Split kPrivate = Split::private_test;

/// Images of 3 x 3 pixels (no whole number of eight bytes), told apart by `kind`; kind 0 is flat.
void add(Dataset& dataset, Split split, std::uint8_t label, int kind) {
  dataset.height = 3;
  dataset.width = 3;
  for (int i = 0; i < 9; ++i) dataset.pixels.push_back(static_cast<std::uint8_t>(i == 8 ? 50 + kind : 50));
  dataset.labels.push_back(label);
  dataset.splits.push_back(split);
}

Dataset example() {
  Dataset dataset;
  add(dataset, kTraining, 3, 1);  // three times here, once in each test split
  add(dataset, kPublic, 3, 1);
  add(dataset, kTraining, 3, 1);
  add(dataset, kTraining, 5, 2);  // alone
  add(dataset, kPublic, 6, 0);    // flat, twice within PublicTest, labels differ
  add(dataset, kPublic, 4, 0);
  add(dataset, kPrivate, 3, 1);
  add(dataset, kTraining, 3, 1);
  add(dataset, kTraining, 1, 3);  // same as one of PrivateTest, labels differ
  add(dataset, kPrivate, 2, 3);
  return dataset;
}

}  // namespace

TEST_CASE("an audit counts classes, flat images and repeats within and across splits") {
  const Audit audit = mien::data::audit(example());
  CHECK(audit.images == std::array<mien::Index, 3>{5, 3, 2});
  CHECK(audit.classes[0] == std::vector<mien::Index>{0, 1, 0, 3, 0, 1, 0});
  CHECK(audit.classes[1] == std::vector<mien::Index>{0, 0, 0, 1, 1, 0, 1});
  CHECK(audit.classes[2] == std::vector<mien::Index>{0, 0, 1, 1, 0, 0, 0});
  CHECK(audit.flat == std::array<mien::Index, 3>{0, 2, 0});
  CHECK(audit.repeats == std::array<mien::Index, 3>{2, 1, 0});
  CHECK(audit.also_in[0] == std::array<mien::Index, 3>{0, 3, 4});
  CHECK(audit.also_in[1] == std::array<mien::Index, 3>{1, 0, 1});
  CHECK(audit.also_in[2] == std::array<mien::Index, 3>{2, 1, 0});
  CHECK(audit.distinct == 4);
  CHECK(audit.conflicting_groups == 2);
  CHECK(audit.conflicting_images == 4);
}

TEST_CASE("leaks are the training images that a test split holds too") {
  CHECK(mien::data::leaks(example()) == std::vector<std::uint32_t>{0, 2, 7, 8});
  CHECK(mien::data::leaks({}).empty());
}

TEST_CASE("copies are the test images that Training holds too, whatever their label") {
  CHECK(mien::data::copies_of_training(example()) == std::vector<std::uint32_t>{1, 6, 9});
  CHECK(mien::data::copies_of_training({}).empty());
}

TEST_CASE("the audit's table has a row for each class") {
  const std::string text = to_text(mien::data::audit(example()));
  CHECK(text.find("                         Training   PublicTest  PrivateTest\n") == 0);
  CHECK(text.find("happy                           3            1            1\n") != std::string::npos);
  CHECK(text.find("of one gray level               0            2            0\n") != std::string::npos);
  CHECK(text.find("also in PrivateTest             4            1            0\n") != std::string::npos);
  CHECK(text.ends_with("4 distinct images; 2 sets of same images carry different labels (4 images)\n"));
}

TEST_CASE("an audit of nothing counts nothing, and a label without a class is refused") {
  CHECK(mien::data::audit({}).distinct == 0);
  Dataset dataset;
  add(dataset, kTraining, 7, 1);
  CHECK_THROWS_AS(mien::data::audit(dataset), mien::ArgumentError);
}
