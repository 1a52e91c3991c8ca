#include "mien/data/face_photos.hpp"

#include <map>

#include "mien/train/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/face_photos.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mien::test;
using mien::data::FacePhoto;
using mien::data::FacePhotos;
using mien::data::MarkedFace;
using mien::data::open_face_photos;
using mien::data::Split;

constexpr const char* kPoints = "\t4\t5\t8.5\t5\t6\t7\t4.5\t9\t8\t9";
constexpr const char* kUnmarked = "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-";

// A folder with a/one.pgm of 16 x 12 pixels.
struct Photos : TemporaryFolder {
  Photos() { write_pgm(*this / "a/one.pgm", gray_photo(16, 12)); }

  std::filesystem::path manifest(std::string_view text) const {
    mien::write_file_atomically(*this / "faces.tsv", text);
    return *this / "faces.tsv";
  }
  FacePhotos open(std::string_view text) const { return open_face_photos(manifest(text)); }
  // What is said of a manifest, less its folder.
  std::string refusal(std::string_view text) const {
    std::string error = error_of([&] { open(text); });
    const std::string folder = path().string() + "/";
    if (error.starts_with(folder)) error.erase(0, folder.size());
    return error;
  }
};

std::string face_line(const std::string& box, const std::string& points = kUnmarked) {
  return "a/one.pgm\t16\t12\t" + box + points;
}

}  // namespace

TEST_CASE("a manifest says where faces and their points are") {
  const Photos folder;
  const FacePhotos photos =
      folder.open("#photo\twidth\n" + face_line("2\t3\t10.5\t11", kPoints) + "\r\n\r\n# more\r\n" +
                  face_line("-1.5\t0\t4\t20", "\t-\t-\t1\t2\t-\t-\t3\t4\t-\t-"));
  CHECK(photos.source == (folder / "faces.tsv").string());
  REQUIRE(photos.photos.size() == 1);
  const FacePhoto& photo = photos.photos[0];
  CHECK(photo.name == "a/one.pgm");
  CHECK(photo.image == gray_photo(16, 12));
  CHECK(photo.split == Split::training);
  REQUIRE(photo.faces.size() == 2);
  const MarkedFace& first = photo.faces[0];
  CHECK((first.left == 2 && first.top == 3 && first.right == 10.5f && first.bottom == 11));
  CHECK(first.points == decltype(first.points){{{4, 5}, {8.5f, 5}, {6, 7}, {4.5f, 9}, {8, 9}}});
  CHECK(first.edge() == 8.25f);
  CHECK(first.middle() == mien::data::PhotoPoint{6.25f, 7});
  // The middle of a mouth is in the place of its left corner.
  const MarkedFace& second = photo.faces[1];
  CHECK((second.left == -1.5f && second.bottom == 20));
  std::string marked;
  for (const auto& point : second.points) marked += point.marked() ? 'x' : '-';
  CHECK(marked == "-x-x-");
  CHECK(photos.notes == std::vector<std::string>{"2 faces in 1 photos, 0 photos without"});
}

TEST_CASE("images in folders of which none is named show no faces") {
  const Photos folder;
  write_pgm(folder / "a/not named.pgm", gray_photo(4, 4));
  write_pgm(folder / "rooms/kitchen.pgm", gray_photo(5, 4, 7));
  write_pgm(folder / "rooms/deep/cellar.pgm", gray_photo(4, 4));
  mien::write_file_atomically(folder / "rooms/README.txt", "no image");
  std::filesystem::create_directory_symlink("..", folder / "rooms/back");
  const FacePhotos photos = folder.open(face_line("2\t3\t10\t11"));
  std::map<std::string, std::size_t> faces;
  for (const FacePhoto& photo : photos.photos) faces[photo.name] = photo.faces.size();
  CHECK(faces == std::map<std::string, std::size_t>{
                     {"a/one.pgm", 1}, {"rooms/kitchen.pgm", 0}, {"rooms/deep/cellar.pgm", 0}});
  REQUIRE(photos.photos.size() == 3);
  CHECK(photos.photos[2].image == gray_photo(5, 4, 7));
  CHECK(photos.notes == std::vector<std::string>{"1 faces in 1 photos, 2 photos without"});
}

TEST_CASE("of each folder twenty photos in two hundred are held out, those that follow each other") {
  const Photos folder;
  const mien::image::GrayImage pixel = gray_photo(2, 2);
  std::string text;
  const auto name = [](const std::string& of, int i) {
    return of + "/" + std::to_string(1000 + i) + ".pgm";  // the order of names is that of numbers
  };
  for (int i = 0; i < 395; ++i) {
    write_pgm(folder / name("b", i), pixel);
    text += name("b", i) + "\t2\t2\t0\t0\t2\t2" + kUnmarked + "\n";
    if (i < 181) write_pgm(folder / name("rooms", i), pixel);
  }
  const FacePhotos photos = folder.open(text);
  std::vector<std::string> held_out, expected;
  for (const auto i : photos.indices(Split::public_test)) held_out.push_back(photos.photos[i].name);
  for (int i = 180; i < 200; ++i) expected.push_back(name("b", i));
  for (int i = 380; i < 395; ++i) expected.push_back(name("b", i));
  expected.push_back(name("rooms", 180));
  CHECK(held_out == expected);
  CHECK(photos.indices(Split::training).size() == 395 + 181 + 1 - expected.size());
  CHECK(photos.indices(Split::private_test).empty());
}

TEST_CASE("a line that is not as it should be is named") {
  const Photos folder;
  const auto refusal = [&](const std::string& line) { return folder.refusal("# marks\n" + line + "\n"); };
  const std::string where = "faces.tsv:2: ";
  const std::string number = where + "expected a number, found ";
  struct Case {
    std::string line, error;
  };
  const std::string good = face_line("2\t3\t10\t11");
  for (const Case& c : {
           Case{"a/one.pgm", "expected 17 fields with tabs between them, found 1"},
           Case{good + "\t1", "expected 17 fields with tabs between them, found 18"},
           Case{"\t16\t12\t2\t3\t10\t11" + std::string(kUnmarked),
                "photo \"\", expected a path below the manifest's folder"},
           Case{"../" + good, "photo \"../a/one.pgm\", expected a path below the manifest's folder"},
           Case{"a/../" + good, "photo \"a/../a/one.pgm\", expected a path below the manifest's folder"},
           Case{"/" + good, "photo \"/a/one.pgm\", expected a path below the manifest's folder"},
           Case{"\x1b[1m" + good, "photo \"\\x1b[1ma/one.pgm\", expected a path below the manifest's folder"},
           Case{"a/one.pgm\t16.5\t12\t2\t3\t10\t11" + std::string(kUnmarked),
                "width or height \"16.5\", expected whole pixels"},
           Case{"a/one.pgm\t16\t0\t2\t3\t10\t11" + std::string(kUnmarked),
                "width or height \"0\", expected whole pixels"},
           Case{face_line("10\t3\t10\t11"), "a box without an area"},
           Case{face_line("2\t11\t10\t3"), "a box without an area"},
           Case{face_line("16\t3\t20\t11"), "a box outside of the photo"},
           Case{face_line("2\t-9\t10\t0"), "a box outside of the photo"},
           Case{face_line("x\t3\t10\t11"), "expected a number, found \"x\""},
           Case{face_line("nan\t3\t10\t11"), "expected a number, found \"nan\""},
           Case{face_line("2\t3\tinf\t11"), "expected a number, found \"inf\""},
           Case{face_line("2\t3\t1e300\t11"), "expected a number, found \"1e300\""},
           Case{face_line("2\t3\t1048577\t11"), "expected a number, found \"1048577\""},
           Case{face_line("2\t3\t10\t-"), "expected a number, found \"-\""},
           Case{face_line("2\t3\t10\t11", "\t4\t-\t-\t-\t-\t-\t-\t-\t-\t-"),
                "a point of which only one coordinate is marked"},
           Case{face_line("2\t3\t10\t11", "\t4\tnan\t-\t-\t-\t-\t-\t-\t-\t-"),
                "expected a number, found \"nan\""},
           Case{face_line("2\t3\t10\t11", "\t-\t-\t-\t-\t-\t-\t-\t-\t5\t6"),
                "a mouth of which only the right corner is marked"},
           Case{good + "\na/one.pgm\t16\t13\t2\t3\t10\t11" + kUnmarked, ""},
       }) {
    INFO(c.line);
    if (c.error.empty()) {
      CHECK(refusal(c.line) == "faces.tsv:3: \"a/one.pgm\" had another size before");
    } else {
      CHECK(refusal(c.line) == where + c.error);
    }
  }
}

TEST_CASE("manifests that mark no face, or are no text, are refused") {
  const Photos folder;
  CHECK(folder.refusal("") == "faces.tsv: marks no face");
  CHECK(folder.refusal("# nothing\n\n") == "faces.tsv: marks no face");
  CHECK(folder
            .refusal(std::string("\xff\xfe"
                                 "a\0",
                                 4))
            .starts_with("faces.tsv: "));
  CHECK(error_of([&] { open_face_photos(folder / "none.tsv"); }).find("No such file") != std::string::npos);
}

TEST_CASE("a huge line of a manifest is refused with few words") {
  const Photos folder;
  const std::string megabytes(std::size_t{4} << 20, '\t');
  CHECK(folder.refusal(megabytes) == "faces.tsv:1: expected 17 fields with tabs between them, found 4194305");
  const std::string letters(std::size_t{1} << 20, 'x');
  CHECK(folder.refusal(face_line(letters + "\t3\t10\t11")).size() < 500);
  CHECK(folder.refusal(std::string(std::size_t{1} << 20, '\n')) == "faces.tsv: marks no face");
}

TEST_CASE("a photo that is missing, broken or of another size is named") {
  const Photos folder;
  const std::string box = "\t2\t3\t10\t11" + std::string(kUnmarked);
  CHECK(folder.refusal("a/one.pgm\t17\t12" + box) == "a/one.pgm: 16 x 12 pixels, the manifest says 17 x 12");
  CHECK(folder.refusal("a/one.pgm\t12\t16" + box) == "a/one.pgm: 16 x 12 pixels, the manifest says 12 x 16");
  CHECK(folder.refusal("a/two.pgm\t16\t12" + box).find("/a/two.pgm: No such file") != std::string::npos);
  CHECK(folder.refusal("a\t16\t12" + box).find("/a: Is a directory") != std::string::npos);
  mien::write_file_atomically(folder / "rooms.pgm", "P5\n9 9\n255\n");
  CHECK(folder.refusal("a/one.pgm\t16\t12" + box).starts_with("rooms.pgm: "));
}

TEST_CASE("names that lead to one photo are one photo") {
  const Photos folder;
  const FacePhotos photos = folder.open(face_line("2\t3\t10\t11") + "\n./" + face_line("3\t3\t10\t11") +
                                        "\na//" + face_line("4\t3\t10\t11").substr(2));
  REQUIRE(photos.photos.size() == 1);
  CHECK(photos.photos[0].faces.size() == 3);
}

TEST_CASE("photos are the same data by what they show and what is marked, wherever they lie") {
  const std::string line = face_line("2\t3\t10\t11", kPoints);
  const auto hash = [](const std::string& text, std::uint8_t level, const std::string& name) {
    const Photos folder;
    write_pgm(folder / "a/one.pgm", gray_photo(16, 12, level));
    write_pgm(folder / name, gray_photo(4, 4));
    return mien::train::identify(folder.open(text)).sha256;
  };
  const std::string same = hash(line, 1, "b/x.pgm");
  CHECK(hash(line + "\r\n#\n", 1, "b/x.pgm") == same);
  CHECK(hash(line, 2, "b/x.pgm") != same);
  CHECK(hash(line, 1, "b/y.pgm") != same);
  CHECK(hash(face_line("2\t3\t10\t11.5", kPoints), 1, "b/x.pgm") != same);
  CHECK(hash(face_line("2\t3\t10\t11", "\t4\t5\t8.5\t5\t6\t7\t4.5\t9\t-\t-"), 1, "b/x.pgm") != same);
}
