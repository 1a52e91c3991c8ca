#include "ferpredict/picture_names.hpp"

#include <set>

#include "support/catch.hpp"

using ferpredict::picture_format;
using ferpredict::picture_names;
using ferpredict::PictureFormat;
using Names = std::vector<std::string>;

TEST_CASE("a picture is a PNG or a JPEG by its ending alone") {
  CHECK(picture_format("a.png") == PictureFormat::png);
  CHECK(picture_format("a.b/c.PnG") == PictureFormat::png);
  CHECK(picture_format("a.jpg") == PictureFormat::jpeg);
  CHECK(picture_format("a.JPEG") == PictureFormat::jpeg);
  for (const char* name : {"", "a", "a.", "png", ".png", "a.png.bak", "a.bmp", "a.jpg/b"}) {
    INFO(name);
    CHECK(picture_format(name) == PictureFormat::unknown);
  }
}

TEST_CASE("pictures keep the names of their images, but for endings that are not written") {
  CHECK(picture_names({"x/a.jpg", "b.PNG", "./c.jpeg", "d.bmp", "e", "f.tar.pgm", "-"}) ==
        Names{"a.jpg", "b.PNG", "c.jpeg", "d.png", "e.png", "f.tar.png", "stdin.png"});
}

TEST_CASE("no two pictures have the same name") {
  CHECK(picture_names({"a.jpg", "x/a.jpg", "y/A.JPG", "a.png", "a.pgm"}) ==
        Names{"a.jpg", "a-2.jpg", "A-3.JPG", "a.png", "a-2.png"});
  CHECK(picture_names({"a-2.png", "a.png", "x/a.png", "x/a-2.png"}) ==
        Names{"a-2.png", "a.png", "a-3.png", "a-2-2.png"});
  const Names many = picture_names(Names(20000, "a.png"));
  CHECK(std::set<std::string>(many.begin(), many.end()).size() == many.size());
  CHECK(many.back() == "a-20000.png");
}
