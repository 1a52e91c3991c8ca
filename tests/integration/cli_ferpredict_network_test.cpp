// ferpredict on photos whose faces a network finds: one of the test's own, which takes white squares on gray
// for faces.
#include <cmath>

#include "cli_album.hpp"
#include "mien/image/decode.hpp"
#include "support/square_detector.hpp"

namespace {

using namespace mien::test;
using mien::Index;

std::string gray_photo(const std::vector<Square>& squares, Index width = 240, Index height = 150) {
  mien::image::GrayImage picture = gray_picture(width, height);
  for (const Square& square : squares) draw_square(picture, square.x, square.y, square.edge);
  return "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n" +
         std::string(picture.pixels.begin(), picture.pixels.end());
}

struct NetworkAlbum : Workplace {
  NetworkAlbum() : model(train()) {
    faces = *this / "faces.safetensors";
    mien::model::write_model(faces, square_detector());
    two = write("two.pgm", gray_photo({{30, 30, 28}, {130, 50, 56}}));
    none = write("none.pgm", gray_photo({}));
  }
  ProgramResult predict(const std::vector<std::string>& arguments) const {
    return ferpredict(std::vector<std::string>{"--model", model, "--face-model", faces} + arguments);
  }
  mien::Json read(const std::vector<std::string>& arguments) const {
    return json_of(predict(std::vector<std::string>{"--json"} + arguments).out);
  }

  std::string model, faces, two, none;
};

bool is_around(const mien::Json& face, const Square& square) {
  const auto edge = static_cast<double>(square.edge);
  const auto near = [&](double a, double b) { return std::abs(a - b) <= 0.1 * edge; };
  const mien::Json::Array& box = face.at("box").as_array();
  const auto x = static_cast<double>(square.x), y = static_cast<double>(square.y);
  bool around = near(box[0].as_number(), x) && near(box[1].as_number(), y) && near(box[2].as_number(), edge) &&
                near(box[3].as_number(), edge);
  const mien::Json::Array& points = face.at("points").as_array();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const mien::Json::Array& point = points[i].as_array();
    around = around && near(point.at(0).as_number(), x + edge * (0.5 + double{kSquarePoints[2 * i]})) &&
             near(point.at(1).as_number(), y + edge * (0.5 + double{kSquarePoints[2 * i + 1]}));
  }
  return around && points.size() == 5;
}

}  // namespace

TEST_CASE("a network's faces come with points, and how they are turned", "[cli]") {
  const NetworkAlbum place;
  const ProgramResult result = place.predict({"--json", place.two});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  const mien::Json document = json_of(result.out);
  const mien::Json& image = image_at(document, 0);
  CHECK(image.at("detector").as_string() == "network");
  const mien::Json::Array& faces = image.at("faces").as_array();
  REQUIRE(faces.size() == 2);
  CHECK(is_around(faces[0], {130, 50, 56}));
  CHECK(is_around(faces[1], {30, 30, 28}));
  CHECK(keys(faces[0]) == std::vector<std::string>{"box", "score", "expression", "probability", "probabilities",
                                                   "emoticons", "points", "roll", "yaw"});
  CHECK(faces[0].at("score").as_number() > 0.5);
  CHECK(faces[0].at("score").as_number() < 1);
  CHECK(faces[0].at("roll").as_number() == 0);
  CHECK(faces[0].at("yaw").as_number() == 0);

  const auto rows = csv_of(place.predict({"--csv-out", place.two}).out);
  REQUIRE(rows.size() == 3);
  CHECK(std::stod(rows[1][5]) == faces[0].at("score").as_number());
  CHECK(contains(place.predict({place.two}).out, "two.pgm: 2 faces\n face of 5"));
  // Frames as well.
  const std::string pixels = read_text(place.two).substr(std::string("P5 240 150 255\n").size());
  const std::string stream = place.write("stream.raw", pixels + pixels);
  const ProgramResult frames =
      place.predict({"--frames", stream, "--frame-format", "gray8", "--frame-size", "240x150"});
  CHECK(frames.exit_code == 0);
  const mien::Json line = json_of(frames.out.substr(0, frames.out.find('\n')));
  CHECK(line.at("detector").as_string() == "network");
  CHECK(is_around(line.at("faces").as_array().at(0), {130, 50, 56}));
}

TEST_CASE("that a face is turned away is said", "[cli]") {
  const NetworkAlbum place;
  mien::model::ModelFile turned = square_detector();
  turned.weights[5].tensor.mutable_data()[4] = 0.2f;  // the nose, under the right eye
  mien::model::write_model(place.faces, turned);
  const mien::Json document = place.read({place.two});
  const mien::Json& face = image_at(document, 0).at("faces").as_array().at(0);
  CHECK(face.at("turned_away") == mien::Json(true));
  CHECK(face.at("yaw").as_number() == Approx(45));
  CHECK(contains(place.predict({place.two}).out, ", turned away: hardly to be read\n"));
}

TEST_CASE("what a network finds follows from the options", "[cli]") {
  const NetworkAlbum place;
  const auto count = [&](const std::vector<std::string>& arguments) {
    return image_at(place.read(arguments + std::vector<std::string>{place.two}), 0)
        .at("faces")
        .as_array()
        .size();
  };
  CHECK(count({"--min-face", "40"}) == 1);
  CHECK(count({"--min-score", "0.999"}) == 0);
  CHECK(count({"--min-score", "0"}) > 2);
  CHECK(count({"--detector", "network"}) == 2);
  const ProgramResult none = place.predict({place.none});
  CHECK(none.exit_code == 5);
  CHECK(contains(none.err, "a lower --min-score"));
  CHECK_FALSE(contains(none.err, "--min-neighbors"));

  // An image that may be a crop is one when no face is found in it, and not when one is asked for.
  const std::string square = place.write("square.pgm", gray_photo({}, 100, 100));
  CHECK(image_at(place.read({square}), 0).at("fallback").as_string() == "no_face_found");
  CHECK(place.predict({"--detector", "network", square}).exit_code == 5);
  const std::string tiny = place.write("tiny.pgm", gray_photo({{10, 10, 28}}, 48, 48));
  CHECK(image_at(place.read({tiny}), 0).at("detector").as_string() == "none");
  CHECK(image_at(place.read({"--detector", "network", tiny}), 0).at("faces").as_array().size() == 1);
}

TEST_CASE("how a network's faces are cut out is an option, and stored with a model", "[cli]") {
  const NetworkAlbum place;
  const auto faces = [&](const std::vector<std::string>& arguments) {
    return image_at(json_of(ferpredict(arguments + std::vector<std::string>{"--face-model", place.faces,
                                                                            "--json", place.two})
                                .out),
                    0)
        .at("faces");
  };
  const std::string wide = place / "wide.safetensors";
  CHECK(
      ferpredict({"--model", place.model, "--convert", wide, "--dtype", "f32", "--face-crop", "2"}).exit_code ==
      0);
  CHECK(contains(ferpredict({"--model", wide, "--model-info"}).out, "\nface crop 2\n"));
  const mien::Json stored = faces({"--model", wide});
  CHECK(stored == faces({"--model", place.model, "--face-crop", "2"}));
  CHECK(stored != faces({"--model", place.model}));
  const ProgramResult both =
      ferpredict({"--model", wide, "--model", place.model, "--face-model", place.faces, place.two});
  CHECK(both.exit_code == 3);
  CHECK(contains(both.err, "want different crops around a face, 2 and 1.3; choose one with --face-crop"));
}

TEST_CASE("points are drawn where that is asked for", "[cli]") {
  const NetworkAlbum place;
  const auto drawn = [&](const std::vector<std::string>& more) {
    const std::string out = place / "drawn.png";
    CHECK(place.predict(std::vector<std::string>{"--draw", out, place.two} + more).exit_code == 0);
    return mien::image::read_gray(out);
  };
  const auto plain = drawn({}), pointed = drawn({"--draw-points"});
  const auto differs = [&](Index x, Index y) {
    const auto at = static_cast<std::size_t>(y * plain.width + x);
    return plain.pixels[at] != pointed.pixels[at];
  };
  CHECK(differs(158, 81));  // the nose of the larger one
  CHECK_FALSE(differs(158, 100));
  CHECK_FALSE(differs(200, 20));
}

TEST_CASE("options of the detector that is not in use are refused, and networks of another kind", "[cli]") {
  const NetworkAlbum place;
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string message;
  };
  const Case cases[] = {
      {{"--detector", "haar", "--min-score", "0.2"},
       2,
       "--min-score is about faces that a network finds: not with --detector haar"},
      {{"--detector", "network", "--min-neighbors", "1"},
       2,
       "--min-neighbors is about faces that a cascade finds: not with --detector network"},
      {{"--face-model", place.faces, "--face-margin", "0.1"},
       2,
       "--face-margin is about faces that a cascade finds: not with --face-model"},
      {{"--detector", "none", "--face-model", place.faces}, 2, "--face-model says how faces are looked for"},
      {{"--detector", "none", "--face-crop", "1"}, 2, "--face-crop goes around faces found"},
      {{"--min-score", "1.5"}, 2, "--min-score"},
      {{"--draw-points"}, 2, "--draw-points requires --draw"},
      {{"--face-model", place.model}, 3, "best.safetensors: not a network that finds faces"},
      {{"--face-model", place / "no.safetensors"}, 3, "no.safetensors: "},
      {{"--face-model", place.two}, 3, "two.pgm: "},
      {{"--face-model", place.faces, "--draw", place.faces}, 2, "would replace"},
  };
  for (const Case& c : cases) {
    const ProgramResult result =
        ferpredict(std::vector<std::string>{"--model", place.model, place.two} + c.arguments);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == c.exit_code);
    CHECK(contains(result.err, c.message));
    CHECK(result.out.empty());
  }
  const ProgramResult reads = ferpredict({"--model", place.faces, place.two});
  CHECK(reads.exit_code == 3);
  CHECK(contains(reads.err, "a network that finds faces, and reads no expressions; --face-model takes it"));
  CHECK(ferpredict({"--model", place.faces, "--csv", place / "faces.csv"}).exit_code == 3);
}

TEST_CASE("a network that finds faces is described and converted", "[cli]") {
  const NetworkAlbum place;
  const std::string small = place / "small.safetensors";
  CHECK(ferpredict({"--model", place.faces, "--convert", small}).exit_code == 0);
  const std::string info = ferpredict({"--model", small, "--model-info"}).out;
  CHECK(contains(info, "\ndtype   int8\n"));
  CHECK(contains(info, "\nfinds faces {\"stride\":4,"));
  const auto faces = [&](const std::string& file) {
    return image_at(
               json_of(ferpredict({"--model", place.model, "--face-model", file, "--json", place.two}).out), 0)
        .at("faces")
        .as_array()
        .size();
  };
  CHECK(faces(small) == 2);
}

TEST_CASE("ferpredict --faces says how well faces are found", "[cli]") {
  const NetworkAlbum place;
  std::filesystem::create_directories(place / "set/album");
  std::filesystem::create_directory(place / "set/empty");
  std::filesystem::copy(place.two, place / "set/album/two.pgm");
  std::filesystem::copy(place.none, place / "set/empty/none.pgm");
  const std::string none = "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n";
  const std::string manifest =
      place.write("set/faces.tsv", "album/two.pgm\t240\t150\t30\t30\t58\t58" + none +
                                       "album/two.pgm\t240\t150\t130\t50\t186\t106" + none +
                                       "album/two.pgm\t240\t150\t200\t10\t230\t40" + none);
  const std::string report = place / "report.json";
  const ProgramResult result =
      ferpredict({"--faces", manifest, "--face-model", place.faces, "--report", report});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "recall 66.67 % (2 of 3), 0.000 false boxes a photo without faces"));
  CHECK(contains(result.out, "\n  size 40 to 60             1 faces, recall 100.00 %\n"));
  CHECK(json_of(read_text(report)).at("found").as_integer() == 2);
  CHECK(json_of(ferpredict({"--faces", manifest, "--face-model", place.faces, "--json"}).out) ==
        json_of(read_text(report)));
  CHECK(contains(ferpredict({"--faces", manifest, "--face-model", place.faces, "--usage", "PublicTest"}).err,
                 "no PublicTest photos"));
  // White squares are no faces to the networks that come along, nor to a cascade.
  CHECK(contains(ferpredict({"--faces", manifest}).out, "recall 0.00 % (0 of 3)"));
  for (const auto& [arguments, message] : {std::pair<std::vector<std::string>, const char*>{
                                               {"--model", place.model}, "not what reads them: no --model"},
                                           {{"--detector", "none"}, "not with --detector none"},
                                           {{place.two}, "either images or --faces"}}) {
    const ProgramResult refused = ferpredict(std::vector<std::string>{"--faces", manifest} + arguments);
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err, message));
  }
  CHECK(ferpredict({"--faces", place / "no.tsv"}).exit_code == 3);
}

TEST_CASE("a least score that is given is stored with a network that finds faces", "[cli]") {
  const NetworkAlbum place;
  const std::string strict = place / "strict.safetensors";
  CHECK(ferpredict({"--model", place.faces, "--convert", strict, "--min-score", "0.99"}).exit_code == 0);
  CHECK(contains(ferpredict({"--model", strict, "--model-info"}).out, "\"min_score\":0.99}"));
  CHECK(ferpredict({"--model", place.model, "--face-model", strict, place.two}).exit_code == 5);
}

TEST_CASE("the networks that come along find the face in a photo", "[cli]") {
  const NetworkAlbum place;
  const mien::Json photo =
      json_of(ferpredict({"--model", place.model, "--json", MIEN_SAMPLE_FOLDER "/astronaut.jpg"}).out);
  const mien::Json::Array& faces = image_at(photo, 0).at("faces").as_array();
  REQUIRE(faces.size() == 1);
  const auto near = [](const mien::Json& point, double x, double y) {
    return std::abs(point.as_array()[0].as_number() - x) < 6 &&
           std::abs(point.as_array()[1].as_number() - y) < 6;
  };
  const mien::Json::Array& points = faces[0].at("points").as_array();
  CHECK(near(points[0], 205, 101));
  CHECK(near(points[1], 243, 102));
  // A file that is not there is no network to look at them with.
  CHECK(ferpredict({"--model", place.model, "--point-model", place / "no.safetensors", place.two}).exit_code ==
        3);
}
