// The pictures that ferpredict --draw writes.
#include "cli_album.hpp"
#include "cli_images.hpp"
#include "mien/image/decode.hpp"

using namespace mien::test;
using mien::Index;

TEST_CASE("the picture that --draw writes shows what was found", "[cli]") {
  const Album place;
  const std::string out = place / "drawn.png";
  const auto drawn = [&] { return mien::image::read_gray(out); };
  const ProgramResult result = place.predict({"--draw", out, place.two});
  CHECK(result.exit_code == 0);
  CHECK(result.err == out + ": 1 picture drawn\n");
  const mien::image::GrayImage marked = drawn(), plain = mien::image::read_gray(place.two);
  REQUIRE(marked.width == kWidth);
  REQUIRE(marked.height == kHeight);
  const mien::Json document = json_of(place.predict({"--json", place.two}).out);
  for (const mien::Json& face : image_at(document, 0).at("faces").as_array()) {
    const mien::Json::Array& box = face.at("box").as_array();
    const Index y = box[1].as_integer() + box[3].as_integer() / 2, x = box[0].as_integer();
    const auto beside = static_cast<std::size_t>(y * kWidth + std::max<Index>(x - 1, 0));
    const auto middle = static_cast<std::size_t>(y * kWidth + x + box[2].as_integer() / 2);
    CHECK(marked.pixels[beside] != plain.pixels[beside]);
    CHECK(marked.pixels[middle] == plain.pixels[middle]);
  }
  CHECK(place.predict({"--draw", out, "-"}, {.input = read_text(place.two)}).exit_code == 0);
  CHECK(drawn() == marked);
  CHECK(place.predict({"--draw", out, place.none}).exit_code == 5);
  CHECK(drawn() == mien::image::read_gray(place.none));
}

TEST_CASE("a picture that cannot be written leaves the answer, and none replaces what it is made from",
          "[cli]") {
  const Album place;
  const std::string before = read_text(place.one);
  const std::string long_name = std::string(300, 'n') + ".png";
  const ProgramResult refused = place.predict({"--json", "--draw", place / long_name, place.two});
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, long_name + ": "));
  CHECK(image_at(json_of(refused.out), 0).at("faces").as_array().size() == 2);
  const ProgramResult nowhere = place.predict({"--draw", place / "no/drawn.png", place.two});
  CHECK(nowhere.exit_code == 3);  // before any picture is read
  CHECK(contains(nowhere.err, "no folder " + place / "no"));
  CHECK(nowhere.out.empty());
  std::filesystem::create_symlink(place.one, place / "link.png");
  for (const std::string& target : {place.one, place / "link.png", place.model, place.cascade}) {
    const ProgramResult replaced = place.predict({"--draw", target, place.one});
    INFO(target);
    CHECK(replaced.exit_code == 2);
    CHECK(contains(replaced.err, "would replace "));
  }
  CHECK(read_text(place.one) == before);
}

TEST_CASE("a picture's ending says how it is written, and another one is refused", "[cli]") {
  const Album place;
  for (const char* name : {"drawn.png", "drawn.jpg", "drawn.JPEG"}) {
    INFO(name);
    CHECK(place.predict({"--draw", place / name, place.two}).exit_code == 0);
    const bool png = std::string(name).ends_with("png");
    CHECK(read_text(place / name).starts_with(png ? "\x89PNG" : "\xff\xd8\xff"));
    CHECK(mien::image::read_gray(place / name).width == kWidth);
  }
  for (const char* name : {"drawn", "drawn.gif", "drawn.png.txt", ".jpg"}) {
    INFO(name);
    const ProgramResult refused = place.predict({"--draw", place / name, place.two});
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.err, "ends in .png, .jpg or .jpeg"));
    CHECK(refused.out.empty());
    CHECK_FALSE(place.has(name));
  }
}

TEST_CASE("pictures of several images go into a folder, each under a name of its own", "[cli]") {
  const Album place;
  std::filesystem::create_directories(place / "a/b");
  const std::string jpeg = encoded("jpg", face_pixels(3, 77));
  const std::vector<std::string> images = {place.write("a/same.jpg", jpeg), place.write("a/b/same.jpg", jpeg),
                                           place.two, place.write("a/two.png", photo({}, 200, 150)),
                                           place.write("a/broken.png", "no image")};
  const ProgramResult result =
      place.predict(std::vector<std::string>{"--csv-out", "--draw", place / "new/out/"} + images);
  CHECK(result.exit_code == 3);  // for the broken one
  CHECK(contains(result.err, place / "new/out/: 4 pictures drawn\n"));
  for (const char* name : {"same.jpg", "same-2.jpg", "two.png", "two-2.png"}) {
    INFO(name);
    CHECK(mien::image::read_gray(place / (std::string("new/out/") + name)).width > 0);
  }
  CHECK_FALSE(place.has("new/out/broken.png"));
  CHECK(place.predict({"--draw", place / "alone.png", place.two}).exit_code == 0);
  CHECK(read_text(place / "new/out/two.png") == read_text(place / "alone.png"));
  // A folder that is there needs no slash, and may hold what was drawn before; a single image goes there, too.
  CHECK(place.predict({"--draw", place / "new/out", place.one}).exit_code == 0);
  CHECK(place.has("new/out/one.png"));
  const ProgramResult file = place.predict({"--draw", place / "many.png", place.one, place.two});
  CHECK(file.exit_code == 2);
  CHECK(contains(file.err, "--draw takes one image, got 2; several go into a folder, "));
  const ProgramResult below = place.predict({"--draw", place.one + "/", place.one, place.two});
  CHECK(below.exit_code == 3);
  CHECK(below.out.empty());
}

TEST_CASE("a folder of pictures replaces no image they are made from", "[cli]") {
  const Album place;
  std::filesystem::create_directories(place / "photos");
  const std::string jpeg = encoded("jpg", face_pixels(3, 77));
  place.write("photos/x.jpg", jpeg);
  std::filesystem::create_directories(place / "links");
  std::filesystem::create_symlink(place / "photos/x.jpg", place / "links/x.jpg");
  for (const char* folder : {"photos", "photos/", "links/"}) {
    INFO(folder);
    const ProgramResult result = place.predict({"--draw", place / folder, place / "photos"});
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "would replace " + place / "photos/x.jpg"));
  }
  CHECK(read_text(place / "photos/x.jpg") == jpeg);
}

TEST_CASE("a folder behind one that is not there yet, or that holds an image, is none for pictures", "[cli]") {
  const Album place;
  std::filesystem::create_directories(place / "z/in");
  std::filesystem::create_directories(place / "o");
  const std::string jpeg = encoded("jpg", face_pixels(3, 77)), png = encoded("png", face_pixels(3, 77));
  const std::string photo_there = place.write("z/in/x.jpg", jpeg), beside = place.write("o/p.png", png);
  place.write("o/p.pgm", jpeg);
  CHECK(place.predict({"--draw", place / "z/new/../in/", place / "z/in"}).exit_code == 2);
  CHECK(read_text(photo_there) == jpeg);
  std::filesystem::create_symlink(place / "o", place / "to-o");
  for (const char* folder : {"o", "to-o", "o/"}) {
    const ProgramResult result = place.predict({"--draw", place / folder, place / "o/p.pgm"});
    INFO(result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "is in this folder"));
  }
  CHECK(read_text(beside) == png);
}

TEST_CASE("two pictures are not written into one file", "[cli]") {
  const Album place;
  std::filesystem::create_directories(place / "out");
  const std::string before = encoded("png", face_pixels(3, 77));
  place.write("out/two.png", before);
  std::filesystem::create_symlink(place / "out/two.png", place / "out/one.png");
  const ProgramResult result = place.predict({"--draw", place / "out", place.one, place.two});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "would replace "));
  CHECK(read_text(place / "out/two.png") == before);
}

TEST_CASE("the file that stdin reads is an image that no picture replaces", "[cli]") {
  const Album place;
  const std::string before = read_text(place.one);
  const ProgramResult result = run_program(
      "/bin/sh",
      {"-c", "exec \"$0\" --model \"$1\" --draw \"$2\" - <\"$2\"", FERPREDICT_PATH, place.model, place.one});
  CHECK(result.exit_code == 2);
  CHECK(contains(result.err, "would replace what stdin reads"));
  CHECK(read_text(place.one) == before);
}

TEST_CASE("the crop of a face is drawn larger, and whole", "[cli]") {
  const Album place;
  const std::string crop = place.write("crop.png", encoded("png", face_pixels(3, 77)));
  CHECK(place.predict({"--draw", place / "drawn.png", crop}).exit_code == 0);
  const mien::image::GrayImage drawn = mien::image::read_gray(place / "drawn.png");
  CHECK(drawn.width > 4 * 48);
  CHECK(drawn.height > drawn.width);  // the label has its place below
}
