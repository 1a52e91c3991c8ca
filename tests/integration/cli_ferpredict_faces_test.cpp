// ferpredict on photos: which faces it finds, in what order, and what it says of them. The cascade is one of
// the test's own, which takes a bright square on a dark ground for a face.
#include <cmath>

#include "cli_album.hpp"
#include "cli_images.hpp"
#include "mien/image/decode.hpp"
#include "support/jpeg_writer.hpp"

namespace {

using namespace mien::test;
using mien::Index;

// Where the square that was found lies: the middle half of the box, by the cascade's shape.
bool is_around(const mien::Json& face, const Square& square) {
  const mien::Json::Array& box = face.at("box").as_array();
  const double width = box[2].as_number();
  const double x = box[0].as_number() + width / 2, y = box[1].as_number() + box[3].as_number() / 2;
  const double middle = static_cast<double>(square.edge) / 2;
  return std::abs(x - static_cast<double>(square.x) - middle) < 4 &&
         std::abs(y - static_cast<double>(square.y) - middle) < 4 &&
         std::abs(width - 2 * static_cast<double>(square.edge)) < static_cast<double>(square.edge) / 2;
}

}  // namespace

TEST_CASE("ferpredict finds the faces of a photo, the largest first", "[cli]") {
  const Album place;
  const ProgramResult result = place.predict({"--json", place.two});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  const mien::Json document = json_of(result.out);
  const mien::Json& image = image_at(document, 0);
  CHECK(image.at("detector").as_string() == "haar");
  CHECK(image.at("ms").at("detect").as_number() > 0);
  const mien::Json::Array& faces = image.at("faces").as_array();
  REQUIRE(faces.size() == 2);
  CHECK(is_around(faces[0], {100, 50, 40}));
  CHECK(is_around(faces[1], {20, 20, 20}));
  for (const mien::Json& face : faces) CHECK(face.at("score").as_number() > 1);
}

TEST_CASE("what a face is read as depends on its crop alone", "[cli]") {
  const Album place;
  const mien::Json found = json_of(place.predict({"--json", "--face-margin", "0", place.one}).out);
  const mien::Json& face = image_at(found, 0).at("faces").as_array().at(0);
  const mien::Json::Array& box = face.at("box").as_array();
  const Index x = box[0].as_integer(), y = box[1].as_integer(), edge = box[2].as_integer();
  // The same pixels, cut out by hand.
  const std::string whole = photo({{60, 40, 30}}), header = "P5 200 150 255\n";
  std::string crop = "P5 " + std::to_string(edge) + " " + std::to_string(edge) + " 255\n";
  for (Index row = y; row < y + edge; ++row) {
    crop += whole.substr(header.size() + static_cast<std::size_t>(row * kWidth + x),
                         static_cast<std::size_t>(edge));
  }
  const std::string file = place.write("crop.pgm", crop);
  const mien::Json taken =
      json_of(ferpredict({"--model", place.model, "--detector", "none", "--json", file}).out);
  CHECK(image_at(taken, 0).at("detector").as_string() == "none");
  CHECK(image_at(taken, 0).at("faces").as_array().at(0).at("probabilities") == face.at("probabilities"));

  const mien::Json wider = json_of(place.predict({"--json", "--face-margin", "0.3", place.one}).out);
  const mien::Json& wider_face = image_at(wider, 0).at("faces").as_array().at(0);
  CHECK(wider_face.at("box") == face.at("box"));  // the detector's own
  CHECK(wider_face.at("probabilities") != face.at("probabilities"));
}

TEST_CASE("a model's margin is stored with it", "[cli]") {
  const Album place;
  const std::string wide = place / "wide.safetensors";
  CHECK(ferpredict({"--model", place.model, "--convert", wide, "--dtype", "f32", "--face-margin", "0.3"})
            .exit_code == 0);
  CHECK(contains(ferpredict({"--model", wide, "--model-info"}).out, "\nface margin 0.3\n"));
  const auto faces = [&](const std::vector<std::string>& arguments) {
    const std::vector<std::string> rest = {"--cascade", place.cascade, "--min-face", "12", "--json", place.one};
    return image_at(json_of(ferpredict(arguments + rest).out), 0).at("faces");
  };
  const mien::Json stored = faces({"--model", wide});
  CHECK(stored.as_array().size() == 1);
  CHECK(stored == faces({"--model", place.model, "--face-margin", "0.3"}));
  CHECK(stored != faces({"--model", place.model}));
  const ProgramResult both =
      ferpredict({"--model", wide, "--model", place.model, "--cascade", place.cascade, place.one});
  CHECK(both.exit_code == 3);
  CHECK(
      contains(both.err, "want different margins around a face, 0.3 and 0.05; choose one with --face-margin"));
  CHECK(ferpredict({"--model", wide, "--model", place.model, "--detector", "none", place.one}).exit_code == 0);
}

TEST_CASE("a photo without a face is never guessed at", "[cli]") {
  const Album place;
  const ProgramResult alone = place.predict({"--json", place.none});
  CHECK(alone.exit_code == 5);
  CHECK(alone.err.starts_with(place.none + ": no face found; "));
  CHECK(contains(alone.err, "--min-neighbors"));
  CHECK(image_at(json_of(alone.out), 0).at("faces").as_array().empty());
  CHECK(place.predict({place.none}).out == place.none + ": no face found\n");

  const ProgramResult among = place.predict({"--csv-out", place.none, place.two});
  CHECK(among.exit_code == 0);
  CHECK(among.err.empty());
  const auto rows = csv_of(among.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[1][6].empty());
  CHECK(rows[1][15] == "no face found");
  CHECK(rows[1].back().empty());
  CHECK(rows[2][0] == place.two);
  CHECK(rows[3][0] == place.two);
  CHECK(std::stoi(rows[2][3]) > std::stoi(rows[3][3]));
}

TEST_CASE("a small or nearly square image in which no face is found is taken as a crop, and that is said",
          "[cli]") {
  const Album place;
  struct Case {
    Index width, height;
    bool crop;
  };
  const Case cases[] = {{400, 400, true},  {400, 320, true}, {320, 400, true}, {128, 64, true},
                        {65, 33, true},    {128, 63, false}, {65, 20, false},  {400, 319, false},
                        {401, 401, false}, {129, 70, false}, {200, 150, false}};
  for (const Case& c : cases) {
    INFO(c.width << " x " << c.height);
    const std::string file = place.write("image.pgm", photo({}, c.width, c.height));
    const ProgramResult json = place.predict({"--json", file});
    const mien::Json document = json_of(json.out);
    const mien::Json& image = image_at(document, 0);
    const std::string text = place.predict({file}).out;
    const auto rows = csv_of(place.predict({"--csv-out", file}).out);
    CHECK(rows.at(0).back() == "fallback");
    CHECK(rows.at(1).back() == (c.crop ? "no_face_found" : ""));
    if (c.crop) {
      CHECK(json.exit_code == 0);
      CHECK(json.err.empty());
      CHECK(keys(image) == std::vector<std::string>{"image", "detector", "fallback", "faces", "ms"});
      CHECK(image.at("detector").as_string() == "none");
      CHECK(image.at("fallback").as_string() == "no_face_found");
      const mien::Json& face = image.at("faces").as_array().at(0);
      CHECK(face.at("box") == mien::Json(mien::Json::Array{0, 0, c.width, c.height}));
      CHECK(face.at("score").is_null());
      CHECK(text.starts_with(file + ": no face found, taken as the crop of a face\n"));
    } else {
      CHECK(json.exit_code == 5);
      CHECK(image.at("detector").as_string() == "haar");
      CHECK(text == file + ": no face found\n");
    }
  }
  const std::string square = place.write("square.pgm", photo({}, 100, 100));
  CHECK(place.predict({"--detector", "haar", square}).exit_code == 5);
  const mien::Json asked =
      json_of(ferpredict({"--model", place.model, "--detector", "none", "--json", square}).out);
  const mien::Json taken = json_of(place.predict({"--json", square}).out);
  CHECK(image_at(asked, 0).at("faces") == image_at(taken, 0).at("faces"));
  // One with a face is read there.
  const std::string portrait = place.write("portrait.pgm", photo({{60, 40, 30}}, 150, 150));
  CHECK(image_at(json_of(place.predict({"--json", portrait}).out), 0).at("detector").as_string() == "haar");
}

TEST_CASE("that there is no cascade is said once, and crops are read without", "[cli]") {
  const Album place;
  const std::string square = place.write("square.pgm", photo({}, 100, 100));
  const std::string tiny = place.write("tiny.pgm", photo({}, 48, 48));
  const std::vector<std::string> images = {place.two, square, tiny, place.one};
  const ProgramOptions without = {.environment = {"MIEN_CASCADE=" + place / "no.xml"}};
  const auto predict = [&](const std::vector<std::string>& arguments) {
    return ferpredict(std::vector<std::string>{"--model", place.model, "--min-neighbors", "3"} + arguments,
                      without);
  };
  const ProgramResult text = predict(images);
  CHECK(text.exit_code == 3);
  CHECK(text.err.starts_with("no cascade to find faces with: "));
  CHECK(std::count(text.err.begin(), text.err.end(), '\n') == 1);
  CHECK(contains(text.out, place.two + ": not read\n"));
  CHECK(contains(text.out, square + ": faces not looked for, taken as the crop of a face\n"));
  CHECK(contains(text.out, tiny + ": taken as the crop of a face\n"));

  const ProgramResult json = predict(std::vector<std::string>{"--json"} + images);
  CHECK(json.err == text.err);
  const mien::Json document = json_of(json.out);
  CHECK(keys(document) == std::vector<std::string>{"schema", "model", "warnings", "images"});
  REQUIRE(document.at("warnings").as_array().size() == 1);
  CHECK(document.at("warnings").as_array()[0].as_string() + "\n" == json.err);
  CHECK(image_at(document, 0).at("error").as_string() ==
        place.two + ": faces not looked for, for want of a cascade");
  CHECK(image_at(document, 1).at("fallback").as_string() == "no_cascade");
  CHECK_FALSE(contains(json.out.substr(json.out.find(tiny)), "fallback"));

  // Crops alone can do without; who asks for the detector cannot.
  CHECK(predict({square}).exit_code == 0);
  CHECK(predict({tiny}).err.empty());
  const ProgramResult asked = predict(std::vector<std::string>{"--detector", "haar", "--json"} + images);
  CHECK(asked.exit_code == 3);
  CHECK(std::count(asked.err.begin(), asked.err.end(), '\n') == 1);
  CHECK(asked.out.empty());
}

TEST_CASE("which images faces are looked for in", "[cli]") {
  const Album place;
  const std::string small = place.write("small.png", encoded("png", face_pixels(3, 77)));
  const auto detector = [&](const std::vector<std::string>& arguments) {
    return image_at(json_of(place.predict(std::vector<std::string>{"--json"} + arguments).out), 0)
        .at("detector")
        .as_string();
  };
  CHECK(detector({small}) == "none");
  CHECK(detector({"--detector", "haar", small}) == "haar");
  CHECK(detector({place.one}) == "haar");
  CHECK(contains(ferpredict({"--model", place.model, small}).out, "small.png: taken as the crop of a face\n"));
  const ProgramResult whole = ferpredict({"--model", place.model, "--detector", "none", place.one});
  CHECK(whole.exit_code == 0);
  CHECK(contains(whole.out, "one.pgm: taken as the crop of a face\n"));
}

TEST_CASE("cascades that are not there", "[cli]") {
  const Album place;
  const ProgramResult missing =
      ferpredict({"--model", place.model, "--cascade", place / "no.xml", place.one, place.none});
  CHECK(missing.exit_code == 3);
  CHECK(contains(missing.err, "no.xml: "));
  CHECK(missing.out.empty());
  const ProgramResult chosen = ferpredict({"--model", place.model, "--detector", "haar", place.one},
                                          {.environment = {"MIEN_CASCADE=" + place / "no.xml"}});
  CHECK(chosen.exit_code == 3);
  CHECK(contains(chosen.err, "no.xml: "));
  const ProgramResult used =
      ferpredict({"--model", place.model, "--detector", "haar", "--min-face", "12", "--csv-out", place.two},
                 {.environment = {"MIEN_CASCADE=" + place.cascade}});
  CHECK(used.exit_code == 0);
  CHECK(csv_of(used.out).size() == 3);
}

TEST_CASE("many photos are predicted as each on its own, whatever the number of threads", "[cli]") {
  const Album place;
  const std::string broken = place.write("broken.png", "no image");
  std::vector<std::string> images, lines;
  for (int i = 0; i < 12; ++i) {
    images.push_back(place.write("p" + std::to_string(i) + ".pgm", photo({{10 * i, 40, 20 + i}})));
    lines.push_back(place.predict({"--csv-out", images.back()}).out);
  }
  images.insert(images.begin() + 5, broken);
  const ProgramResult one = place.predict(std::vector<std::string>{"--csv-out", "--threads", "1"} + images);
  const ProgramResult four = place.predict(std::vector<std::string>{"--csv-out", "--threads", "4"} + images);
  CHECK(one.exit_code == 3);
  CHECK(four.exit_code == 3);
  CHECK(one.out == four.out);
  CHECK(one.err == four.err);
  for (const std::string& line : lines) CHECK(contains(one.out, line.substr(line.find("\r\n") + 2)));
}

TEST_CASE("expressions have names in three languages", "[cli]") {
  const Album place;
  const ProgramOptions utf8{.environment = {"LC_ALL=C.UTF-8"}};
  const ProgramResult korean = place.predict({"--lang", "ko", "--top", "7", place.one}, utf8);
  CHECK(korean.exit_code == 0);
  CHECK(contains(korean.out, "\n  무표정  "));
  CHECK(contains(korean.out, "\n  행복    "));  // as wide as the widest
  CHECK_FALSE(contains(korean.out, "happy"));
  CHECK(contains(place.predict({"--lang", "zh", "--top", "7", place.one}, utf8).out, "\n  高兴  "));
  const mien::Json document = json_of(place.predict({"--lang", "ko", "--json", place.one}).out);
  const mien::Json& face = image_at(document, 0).at("faces").as_array().at(0);
  CHECK(keys(face) == std::vector<std::string>{"box", "score", "expression", "name", "probability",
                                               "probabilities", "emoticons"});
  CHECK_FALSE(face.at("name") == face.at("expression"));
}

TEST_CASE("boxes in a photo that is decoded at half its size are those of the whole photo", "[cli]") {
  const Album place;
  const Square bright{4000, 88, 64};
  JpegFile file{.width = 8208, .height = 240};
  file.parts[0].block = [&](int x, int y) {
    const auto inside = [](int block, Index begin, Index edge) {
      return 8 * block >= begin && 8 * block < begin + edge;
    };
    return JpegBlock{inside(x, bright.x, bright.edge) && inside(y, bright.y, bright.edge) ? 200 : 20, 0};
  };
  const std::vector<std::uint8_t> bytes = write_jpeg(file);
  const std::string wide = place.write("wide.jpg", std::string(bytes.begin(), bytes.end()));
  const std::vector<std::string> words = {"--model",     place.model,  "--cascade",
                                          place.cascade, "--min-face", "80"};
  const std::string out = place / "drawn.png";
  const ProgramResult result = ferpredict(words + std::vector<std::string>{"--json", "--draw", out, wide});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const mien::Json document = json_of(result.out);
  const mien::Json::Array& faces = image_at(document, 0).at("faces").as_array();
  REQUIRE(faces.size() == 1);
  CHECK(is_around(faces[0], bright));
  const mien::Json::Array& box = faces[0].at("box").as_array();
  CHECK(box[2].as_integer() >= 80);

  const mien::image::GrayImage marked = mien::image::read_gray(out), plain = mien::image::read_gray(wide);
  REQUIRE(marked.width == 8208 / 2);
  REQUIRE(plain.width == marked.width);
  const Index y = (box[1].as_integer() + box[3].as_integer() / 2) / 2, x = box[0].as_integer() / 2;
  const auto beside = static_cast<std::size_t>(y * marked.width + x - 1);
  const auto middle = static_cast<std::size_t>(y * marked.width + x + box[2].as_integer() / 4);
  CHECK(marked.pixels[beside] != plain.pixels[beside]);
  CHECK(marked.pixels[middle] == plain.pixels[middle]);
  CHECK(plain.pixels[middle] == 200);

  // The crop of a face is the whole picture.
  const ProgramResult crop = ferpredict({"--model", place.model, "--json", "--detector", "none", wide});
  CHECK(image_at(json_of(crop.out), 0).at("faces").as_array().at(0).at("box") == json_of("[0, 0, 8208, 240]"));
}

TEST_CASE("numbers that are none, and names that are empty, are refused at once", "[cli]") {
  const Album place;
  for (const char* option : {"--scale-factor", "--face-margin"}) {
    const ProgramResult result = place.predict({option, "nan", place.one});
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "expected a number from "));
    CHECK(contains(result.err, option));
  }
  for (const char* option : {"--draw", "--cascade", "--camera", "--frames"}) {
    CHECK(ferpredict({"--model", place.model, option, "", place.one}).exit_code == 2);
  }
  for (const char* option : {"--smooth", "--hold", "--frame-rate"}) {
    CHECK(ferpredict({"--model", place.model, "--frames", place.one, option, "nan"}).exit_code == 2);
  }
}

TEST_CASE("an image that may keep its reader waiting is read when it is its turn", "[cli]") {
  const Album place;
  const ProgramResult result = place.predict({"--csv-out", "--threads", "2", place.one, "-", place.two},
                                             {.input = read_text(place.one)});
  CHECK(result.exit_code == 0);
  const auto rows = csv_of(result.out);
  REQUIRE(rows.size() == 5);
  CHECK(rows[2][0] == "-");
  CHECK(std::vector(rows[1].begin() + 1, rows[1].end()) == std::vector(rows[2].begin() + 1, rows[2].end()));
}
