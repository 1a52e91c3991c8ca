// The library's way from a picture to expressions and emoticons, with no program around it.
#include "mien/reader/face_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/image/decode.hpp"
#include "mien/reader/emoticons.hpp"
#include "mien/reader/face_follower.hpp"
#include "support/cascade_text.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/errors.hpp"
#include "support/square_detector.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mien::reader;
using mien::Index;
using mien::image::GrayImage;
using mien::model::ModelFile;

const std::string kData = std::string(MIEN_SAMPLE_FOLDER) + "/";

ModelFile small_model() {
  return mien::model::read_model(kData + "models/small.safetensors");
}

// Bright squares on a dark ground.
GrayImage squares(Index width, Index height, const std::vector<mien::face::Face>& bright) {
  GrayImage image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 20)};
  for (const mien::face::Face& face : bright) {
    for (Index y = face.y; y < face.y + face.height; ++y) {
      std::fill_n(image.pixels.begin() + y * width + face.x, face.width, std::uint8_t{200});
    }
  }
  return image;
}

// Takes bright squares for faces twice as wide.
ReaderOptions squares_are_faces(const mien::test::TemporaryFolder& folder) {
  ReaderOptions options;
  options.cascade = folder / "squares.xml";
  options.detect.min_face = 12;
  mien::write_file_atomically(options.cascade, mien::test::bright_square().xml());
  return options;
}

void check_probabilities(const FacePrediction& face) {
  REQUIRE(face.probabilities.size() == 7);
  CHECK(std::accumulate(face.probabilities.begin(), face.probabilities.end(), 0.0) == Approx(1));
  const std::vector<std::size_t> ranking = face.ranking();
  REQUIRE(ranking.size() == 7);
  for (std::size_t i = 1; i < ranking.size(); ++i) {
    CHECK(face.probabilities[ranking[i - 1]] >= face.probabilities[ranking[i]]);
  }
}

TEST_CASE("the crop of a face is read as what it shows, and an emoticon goes with it") {
  const ModelFile model = small_model();
  FaceReader reader({&model, 1});
  const Reading reading = reader.read(mien::image::read_gray(kData + "face.png"));
  CHECK_FALSE(reading.searched);
  CHECK(reading.fallback == Fallback::none);
  REQUIRE(reading.faces.size() == 1);
  const FacePrediction& face = reading.faces[0];
  CHECK_FALSE(face.score);
  CHECK(face.width == reading.width);
  check_probabilities(face);
  const std::string& expression = model.labels[face.ranking().front()];
  CHECK(expression == "happy");
  CHECK(Emoticons::defaults().forms(expression, EmoticonStyle::ascii).front() == ":-D");
  CHECK(reader.no_cascade().empty());  // none was missed
}

TEST_CASE("equal probabilities are ranked in the classes' order") {
  FacePrediction face;
  face.probabilities = {0.2f, 0.3f, 0.2f, 0.3f};
  CHECK(face.ranking() == std::vector<std::size_t>{1, 3, 0, 2});
}

TEST_CASE("OpenCV's cascade finds the face of a photo") {
  const auto cascade = mien::face::find_default_cascade();
  if (!cascade || !std::filesystem::exists(*cascade)) {
    WARN("skipped: no cascade of OpenCV's is installed");
    return;
  }
  const ModelFile model = small_model();
  FaceReader reader({&model, 1});
  const Reading reading = reader.read(mien::image::read_gray(kData + "astronaut.jpg"));
  CHECK(reading.searched);
  REQUIRE(reading.faces.size() == 1);
  CHECK(reading.faces[0].score.value() > 3);
  CHECK(model.labels[reading.faces[0].ranking().front()] == "happy");
}

TEST_CASE("faces of a picture come largest first, in pixels of the whole picture") {
  const mien::test::TemporaryFolder folder;
  const ModelFile model = small_model();
  FaceReader reader({&model, 1}, squares_are_faces(folder));
  GrayImage image = squares(200, 150, {{20, 20, 20, 20}, {100, 50, 40, 40}});
  const Reading reading = reader.read(image);
  CHECK(reading.searched);
  REQUIRE(reading.faces.size() == 2);
  CHECK(reading.faces[0].width > reading.faces[1].width);
  for (const FacePrediction& face : reading.faces) check_probabilities(face);
  image.reduction = {2, 400, 300};
  const Reading reduced = reader.read(image);
  CHECK(reduced.width == 400);
  REQUIRE(reduced.faces.size() == 2);
  CHECK(reduced.faces[0].x == 2 * reading.faces[0].x);
  CHECK(reduced.faces[0].probabilities == reading.faces[0].probabilities);
}

TEST_CASE("a network finds faces, in pixels of the whole picture, with points") {
  const mien::test::TemporaryFolder folder;
  const ModelFile model = small_model();
  ReaderOptions options;
  options.face_model = folder / "squares.safetensors";
  mien::model::write_model(options.face_model, mien::test::square_detector());
  FaceReader reader({&model, 1}, options);
  GrayImage image = mien::test::gray_picture(300, 200);
  mien::test::draw_square(image, -6, 100, 28);
  mien::test::draw_square(image, 150, 60, 56);
  const Reading reading = reader.read(image);
  CHECK(reading.searched);
  CHECK(reading.by_network);
  REQUIRE(reading.faces.size() == 2);
  const FacePrediction& face = reading.faces[0];
  CHECK(std::abs(face.x - 150) <= 4);
  CHECK(std::abs(face.width - 56) <= 4);
  CHECK(*face.score > 0.5);
  check_probabilities(face);
  REQUIRE(face.points);
  CHECK(std::abs((*face.points)[2].x - 178) <= 4);
  CHECK_FALSE(face.pose->turned_away);
  // What lies beyond the picture is no part of the box.
  CHECK(reading.faces[1].x == 0);
  CHECK(reading.faces[1].width < 26);
  CHECK((*reading.faces[1].points)[0].x < 5);
  image.reduction = {2, 600, 400};
  const Reading reduced = reader.read(image);
  REQUIRE(reduced.faces.size() == 2);
  CHECK(reduced.faces[0].x == 2 * face.x);
  CHECK((*reduced.faces[0].points)[2].x == 2 * (*face.points)[2].x);
  CHECK(reduced.faces[0].probabilities == face.probabilities);

  CHECK(mien::test::error_of<mien::ArgumentError>([&] {
          FaceReader({&model, 1}, {.search = Search::network});
        }) == "[reader] no file of a network that finds faces");
  const std::string small = kData + "models/small.safetensors";
  CHECK(mien::test::error_of([&] {
          FaceReader({&model, 1}, {.face_model = small});
        }) == small + ": not a network that finds faces");
  const ModelFile finder = mien::test::square_detector();
  CHECK(mien::test::error_of<mien::ArgumentError>([&] {
          FaceReader({&finder, 1});
        }) == "[ensemble] squares finds faces and has no classes");
  ModelFile odd = finder;
  odd.normalization.per_image = mien::image::PerImage::center;
  mien::model::write_model(options.face_model, odd);
  CHECK(mien::test::error_of([&] {
          FaceReader({&model, 1}, options);
        }).starts_with(options.face_model.string() + ": [detect] squares prepares pictures"));
}

TEST_CASE("networks held in memory find what those in files find") {
  const auto in_memory = [](const std::string& name) {
    return mien::model::SafetensorsFile(
        mien::MappedFile::from_bytes(mien::read_file_bytes(kData + "models/" + name, 1 << 20), name));
  };
  const mien::model::SafetensorsFile finder = in_memory("faces.safetensors"),
                                     closer = in_memory("points.safetensors");
  const ModelFile model = mien::model::read_model(in_memory("small.safetensors"));
  FaceReader reader({&model, 1}, read_networks(finder, &closer));
  FaceReader of_files({&model, 1}, {.face_model = kData + "models/faces.safetensors",
                                    .point_model = kData + "models/points.safetensors"});
  const GrayImage image = mien::image::read_gray(kData + "astronaut.jpg");
  const Reading reading = reader.read(image), expected = of_files.read(image);
  REQUIRE(reading.faces.size() == 1);
  REQUIRE(expected.faces.size() == 1);
  CHECK(reading.by_network);
  CHECK(reading.faces[0].probabilities == expected.faces[0].probabilities);
  CHECK((*reading.faces[0].points)[2].x == (*expected.faces[0].points)[2].x);
  // What one picture asks for is not asked of the next.
  CHECK(reader.read(image, "picture", {.min_score = 1.0}).faces.empty());
  CHECK(reader.read(image, "picture", {.min_face = 200}).faces.empty());
  CHECK(reader.read(image).faces.size() == 1);
  const GrayImage flat = squares(100, 100, {});
  CHECK(reader.read(flat, "flat", {.fall_back = true}).fallback == Fallback::no_face_found);
  CHECK(reader.read(flat).fallback == Fallback::none);

  const mien::model::SafetensorsFile no_finder = in_memory("small.safetensors");
  CHECK(mien::test::error_of([&] { read_networks(no_finder); }) ==
        "small.safetensors: not a network that finds faces");
  CHECK_THROWS_AS(FaceReader({&model, 1}, read_networks(finder), {.search = Search::haar}),
                  mien::ArgumentError);
}

TEST_CASE("the least face looked for grows with the picture") {
  CHECK(default_min_face(640, 480, true) == 20);
  CHECK(default_min_face(640, 480) == 24);
  CHECK(default_min_face(1080, 1920, true) == 48);
  CHECK(default_min_face(1200, 1600) == 40);
  CHECK(default_min_face(8192, 10, true) == 48);
}

TEST_CASE("without a cascade a picture is not read, unless it may be a crop") {
  const mien::test::TemporaryFolder folder;
  const mien::test::Environment none("MIEN_CASCADE", folder / "none.xml");
  const ModelFile model = small_model();
  FaceReader reader({&model, 1}, {.fall_back = true});
  const std::string error = mien::test::error_of([&] { reader.read(squares(200, 150, {}), "wide.png"); });
  CHECK(error.starts_with("wide.png: no cascade to find faces with: "));
  CHECK(error == "wide.png: " + reader.no_cascade());
  const Reading square = reader.read(squares(100, 100, {}));
  CHECK(square.fallback == Fallback::no_cascade);
  CHECK(square.faces.size() == 1);
  CHECK_THROWS_AS(FaceReader({&model, 1}, {.search = Search::haar}), NoCascadeError);
}

TEST_CASE("models that want different margins are refused unless one is given") {
  std::vector<ModelFile> models = {small_model(), small_model()};
  models[1].face_margin = 0.25f;
  models[1].name = "wide";
  CHECK(mien::test::error_of<mien::ArgumentError>([&] { FaceReader reader(models); }) ==
        "[reader] small and wide want different margins around a face, 0.05 and 0.25; choose one");
  CHECK_NOTHROW(FaceReader(models, {.margin = 0.1}));
  CHECK_NOTHROW(FaceReader(models, {.search = Search::none}));
  CHECK_THROWS_AS(FaceReader({}), mien::ArgumentError);
}

TEST_CASE("a face keeps its track from frame to frame, and its expression is steadied") {
  const auto face_at = [](Index x, std::vector<float> probabilities) {
    return FacePrediction{x, 20, 40, 40, 9.0, std::move(probabilities)};
  };
  FaceFollower follower({.time_constant = 1, .hold = 0});
  std::vector<FacePrediction> faces = {face_at(10, {1, 0}), face_at(200, {0, 1})};
  const auto first = follower.update(faces, 0);
  REQUIRE(first.size() == 2);
  CHECK(first[0].expression == 0);
  CHECK(first[1].expression == 1);
  faces = {face_at(202, {1, 0}), face_at(12, {1, 0})};
  const auto second = follower.update(faces, 0.1);
  CHECK(second[0].track == first[1].track);
  CHECK(second[1].track == first[0].track);
  CHECK(second[0].expression == 1);  // not yet the one that is most probable now
  CHECK(faces[0].probabilities[0] == Approx(0.0952).margin(1e-3));
  CHECK_THROWS_AS(FaceFollower({.hold = -1}), mien::ArgumentError);
}

}  // namespace
