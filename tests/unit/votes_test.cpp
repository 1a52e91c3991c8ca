// FER+: votes instead of labels.
#include "mien/data/votes.hpp"

#include <string>
#include <vector>

#include "mien/core/file.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/data/mix.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::data::Dataset;
using mien::data::Split;
using mien::test::TemporaryFolder;

namespace {

constexpr const char* kHeader =
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n";

/// Rows of one level each, told apart by it; the last one is PublicTest.
Dataset rows(int count) {
  Dataset dataset;
  dataset.source = "fer2013.csv";
  dataset.height = dataset.width = 2;
  for (int i = 0; i < count; ++i) {
    for (int pixel = 0; pixel < 4; ++pixel) dataset.pixels.push_back(static_cast<std::uint8_t>(i));
    dataset.labels.push_back(0);
    dataset.splits.push_back(i + 1 < count ? Split::training : Split::public_test);
  }
  return dataset;
}

Dataset voted(int count, const std::string& text) {
  const TemporaryFolder folder;
  mien::write_file_atomically(folder / "votes.csv", text);
  Dataset dataset = rows(count);
  mien::data::apply_votes(dataset, (folder / "votes.csv").string());
  return dataset;
}

/// Without the folder's name.
std::string error_of(int count, const std::string& text) {
  const std::string what = mien::test::error_of([&] { voted(count, text); });
  return what.substr(what.find("votes.csv") + 9);
}

}  // namespace

TEST_CASE("votes become shares of eight expressions, and the most voted the label", "[votes]") {
  const Dataset dataset = voted(5, std::string(kHeader) +
                                       "Training,a.png,4,0,0,1,3,0,0,1,0,0\r\n"  // two have one vote each
                                       "Training,b.png,4,0,0,0,2,0,0,3,0,0\r\n"  // two have 7 of 9 votes
                                       "Training,c.png,0,0,0,0,0,0,0,8,2,0\r\n"  // contempt
                                       "Training,d.png,4,0,0,3,0,0,0,0,3,0\r\n"  // sad as often as unknown
                                       "PublicTest,e.png,5,0,0,0,5,0,0,0,0,0\r\n");
  CHECK(dataset.size() == 5);
  REQUIRE(dataset.classes.size() == 8);
  CHECK(dataset.classes[7] == "contempt");
  CHECK(dataset.labels == std::vector<std::uint8_t>{6, 6, 7, 6, 6});
  const auto share = [&](std::size_t row, std::size_t expression) {
    return Approx(dataset.targets.at(8 * row + expression));
  };
  CHECK(share(0, 0) == 3.0 / 7);  // angry
  CHECK(share(0, 6) == 4.0 / 7);  // neutral
  CHECK(share(1, 6) == 4.0 / 7);
  CHECK(share(1, 7) == 3.0 / 7);
  CHECK(share(2, 7) == 1.0);
  CHECK(share(3, 4) == 3.0 / 7);
  CHECK(share(4, 0) == 0.5);
  CHECK(share(4, 6) == 0.5);
}

TEST_CASE("rows on whose expression too few agree are left out", "[votes]") {
  const Dataset dataset = voted(7, std::string(kHeader) +
                                       "Training,a.png,0,0,0,0,0,0,2,3,5,0\n"       // unknown
                                       "Training,,0,0,0,0,0,0,0,0,0,10\n"           // no face
                                       "Training,c.png,0,4,0,0,0,0,0,0,4,0\n"       // half of them unknown
                                       "Training,d.png,0,9,0,0,0,0,0,0,1,0\n"       // the one that stays
                                       "Training,e.png,2,2,2,2,0,0,0,0,0,0\n"       // four alike
                                       "Training,f.png,1,1,1,1,1,1,1,1,1,1\n"       // nobody agrees
                                       "PublicTest,g.png,0,0,0,0,0,0,0,10,0,0\n");  // stays, too
  CHECK(dataset.labels == std::vector<std::uint8_t>{3, 7});
  CHECK(dataset.splits == std::vector<Split>{Split::training, Split::public_test});
  CHECK(dataset.image(0)[0] == 3);
  CHECK(dataset.image(1)[3] == 6);
  CHECK(dataset.targets.size() == 16);
  CHECK(dataset.notes.back().find("left out 5 rows on whose expression too few agree") != std::string::npos);
}

TEST_CASE("tables of votes that do not belong to the rows are refused by their place", "[votes]") {
  const std::string good = "Training,a.png,4,0,0,0,0,0,0,0,0,0\n",
                    last = "PublicTest,b.png,4,0,0,0,0,0,0,0,0,0\n";
  CHECK(error_of(2, "Usage,neutral\n")
            .starts_with(":1:1: expected the columns of fer2013new.csv: Usage, neutral, "));
  CHECK(error_of(2, kHeader + good) == ": 1 rows, and fer2013.csv has 2");
  CHECK(error_of(2, kHeader + good + last + last) == ": more rows than the 2 of fer2013.csv");
  CHECK(error_of(2, kHeader + last) == ":2:1: Usage is \"PublicTest\", that of the row it belongs to Training");
  CHECK(error_of(2, kHeader + good + "PublicTest,b.png,4,x,0,0,0,0,0,0,0,0\n") ==
        ":3:20: expected a number of votes, found \"x\"");
  CHECK(error_of(2, kHeader + good + "PublicTest,b.png,4\n") == ":3:1: expected 12 fields, found 3");
  CHECK(error_of(1, kHeader + std::string("PublicTest,b.png,0,0,0,0,0,0,0,0,9,0\n")) ==
        ": no row on whose expression most agree");
}

TEST_CASE("shares are mixed as labels are", "[votes]") {
  const mien::Tensor shares = mien::Tensor::from({2, 2}, std::vector<float>{1, 0, 0.25f, 0.75f});
  mien::data::Mix mix;
  mix.partner = {1, 0};
  mix.share = 0.5f;
  const mien::Tensor mixed = mien::data::mixed_targets(mix, shares);
  CHECK(mixed.data()[0] == 0.625f);
  CHECK(mixed.data()[3] == 0.375f);
  CHECK(mien::data::mixed_targets({}, shares).data()[3] == 0.75f);
}
