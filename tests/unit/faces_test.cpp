#include "faces.hpp"

#include <algorithm>
#include <string>

#include "mien/core/file.hpp"
#include "mien/core/gzip.hpp"
#include "mien/data/audit.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/data/open.hpp"
#include "mien/image/decode.hpp"
#include "support/catch.hpp"

namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint64_t kRows = 980;
const std::string kSample = std::string(MIEN_SAMPLE_FOLDER) + "/faces.csv.gz";
const std::string kPicture = std::string(MIEN_SAMPLE_FOLDER) + "/face.png";

}  // namespace

TEST_CASE("the shipped faces have 100, 20 and 20 of each class and no face twice") {
  const mien::data::Dataset faces = mien::data::open_dataset(kSample);
  REQUIRE(faces.size() == kRows);
  const mien::data::Audit audit = mien::data::audit(faces);
  for (std::size_t label = 0; label < mien::data::kClassCount; ++label) {
    CHECK(audit.classes[0][label] == 100);
    CHECK(audit.classes[1][label] == 20);
    CHECK(audit.classes[2][label] == 20);
  }
  CHECK(audit.distinct == kRows);
  CHECK(audit.flat == std::array<mien::Index, 3>{0, 0, 0});
}

TEST_CASE("drawing the shipped faces again gives the same bytes") {
  const std::string packed = mien::read_file(kSample, 1500000);
  const std::vector<std::uint8_t> bytes =
      mien::gunzip({reinterpret_cast<const std::uint8_t*>(packed.data()), packed.size()}, kSample);
  const std::string text(bytes.begin(), bytes.end());
  const std::string header = mien::faces::csv_header();
  REQUIRE(text.starts_with(header));
  std::size_t at = header.size();
  for (std::uint64_t index = 0; index < kRows; ++index) {
    const std::string row = mien::faces::csv_row(kSeed, index);
    const bool same = text.compare(at, row.size(), row) == 0;
    if (!same) FAIL("row " << index << " differs");
    at += row.size();
  }
  CHECK(at == text.size());
}

TEST_CASE("the shipped picture is a happy face that the sample does not hold") {
  const mien::image::GrayImage picture = mien::image::read_gray(kPicture);
  const mien::faces::Face face = mien::faces::draw_face(3, 45, mien::faces::happy);
  REQUIRE(picture.width == mien::faces::kSide);
  REQUIRE(picture.height == mien::faces::kSide);
  CHECK(std::equal(face.begin(), face.end(), picture.pixels.begin(), picture.pixels.end()));
  const mien::data::Dataset faces = mien::data::open_dataset(kSample);
  bool held = false;
  for (mien::Index i = 0; i < faces.size(); ++i) {
    const auto image = faces.image(i);
    held = held || std::equal(image.begin(), image.end(), face.begin());
  }
  CHECK_FALSE(held);
}

TEST_CASE("a face depends on its seed, its index and its expression") {
  const mien::faces::Face face = mien::faces::draw_face(5, 6, mien::faces::sad);
  CHECK(face == mien::faces::draw_face(5, 6, mien::faces::sad));
  CHECK(face != mien::faces::draw_face(4, 6, mien::faces::sad));
  CHECK(face != mien::faces::draw_face(5, 7, mien::faces::sad));
  CHECK(face != mien::faces::draw_face(5, 6, mien::faces::happy));
}
