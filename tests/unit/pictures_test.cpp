// Pictures of any classes: folders, manifests and tables, in gray and color, of any size.
#include "mien/data/pictures.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/data/audit.hpp"
#include "mien/data/open.hpp"
#include "mien/image/png.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::Index;
using mien::data::ClassNumbers;
using mien::data::Dataset;
using mien::data::open_pictures;
using mien::data::PictureForm;
using mien::data::Split;
using mien::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// A picture of one color.
void add(const fs::path& path, std::vector<std::uint8_t> color, Index width = 6, Index height = 6) {
  fs::create_directories(path.parent_path());
  std::vector<std::uint8_t> pixels;
  for (Index i = 0; i < width * height; ++i) pixels.insert(pixels.end(), color.begin(), color.end());
  mien::image::write_png(path, width, height, static_cast<Index>(color.size()), pixels);
}

Dataset read(const fs::path& path, const PictureForm& form = {}, const Names& numbers = {}) {
  return open_pictures(path.string(), ClassNumbers::parse_any(numbers), form);
}

std::string write(const fs::path& path, std::string_view text) {
  mien::write_file_atomically(path, text);
  return path.string();
}

std::string error_of(const fs::path& path, const PictureForm& form = {}, const Names& numbers = {}) {
  return mien::test::error_of([&] { read(path, form, numbers); });
}

std::vector<int> levels_of(const Dataset& dataset) {
  std::vector<int> levels;
  for (Index i = 0; i < dataset.size(); ++i) levels.push_back(dataset.image(i)[0]);
  return levels;
}

}  // namespace

TEST_CASE("folders of any names are classes, in the order of their names", "[pictures]") {
  const TemporaryFolder root;
  add(root / "train/dog/1.png", {1});
  add(root / "train/cat/1.png", {2});
  add(root / "val/dog/1.png", {3});
  add(root / "test/zebra/1.png", {4});
  const Dataset dataset = read(root.path());
  CHECK(dataset.classes == Names{"cat", "dog", "zebra"});
  CHECK(dataset.labels == std::vector<std::uint8_t>{0, 1, 1, 2});
  CHECK(levels_of(dataset) == std::vector<int>{2, 1, 3, 4});
  CHECK(dataset.splits[2] == Split::public_test);
  CHECK(dataset.splits[3] == Split::private_test);
  CHECK(dataset.channels == 1);
  CHECK(dataset.height == 6);
  CHECK(dataset.notes ==
        Names{"images are 6 x 6, and stay so; --size gives another size", "read in gray: no image has color"});
}

TEST_CASE("classes called by numbers are sorted by these, and --classes names them", "[pictures]") {
  const TemporaryFolder root;
  for (const char* name : {"10", "9", "0"}) add(root / (std::string(name) + "/1.png"), {1});
  CHECK(read(root.path()).classes == Names{"0", "9", "10"});
  CHECK_FALSE(read(root.path()).numbers_classes);
  const Dataset named = read(root.path(), {}, {"0=pear", "9=apple", "10=fig"});
  CHECK(named.classes == Names{"apple", "fig", "pear"});
  CHECK(named.numbers_classes);
  CHECK(error_of(root.path(), {}, {"pear"}).find(": class 10, expected one of 0 pear") != std::string::npos);
}

TEST_CASE("folders of expressions are FER2013's, with contempt behind them", "[pictures]") {
  const TemporaryFolder root;
  add(root / "Neutral/1.png", {7}, 96, 96);
  add(root / "anger/1.png", {1, 2, 3}, 96, 96);
  add(root / "contempt/1.png", {8}, 96, 96);
  const Dataset dataset = read(root.path());
  CHECK(dataset.classes == Names{"angry", "neutral", "contempt"});
  CHECK(dataset.channels == 1);
  CHECK(dataset.height == 48);
  CHECK(dataset.width == 48);
  CHECK(levels_of(dataset) == std::vector<int>{2, 7, 8});  // luma of the first
  CHECK(read(root.path(), {.height = 8, .width = 4, .channels = 3}).image_shape() == mien::Shape{3, 8, 4});
  fs::remove_all(root / "contempt");
  for (const char* name : {"disgust", "fear", "happy", "sad", "surprise"})
    add(root / (std::string(name) + "/1.png"), {5});
  CHECK(read(root.path()).classes == mien::data::class_names());
}

TEST_CASE("pictures with color keep it, plane by plane", "[pictures]") {
  const TemporaryFolder root;
  add(root / "a/1.png", {10, 20, 30});
  add(root / "b/1.png", {40});
  const Dataset color = read(root.path());
  REQUIRE(color.channels == 3);
  CHECK(color.image_size() == 3 * 36);
  CHECK(color.image(0)[0] == 10);
  CHECK(color.image(0)[36] == 20);
  CHECK(color.image(0)[72] == 30);
  CHECK(color.image(1)[72] == 40);
  const Dataset gray = read(root.path(), {.channels = 1});
  CHECK(gray.channels == 1);
  CHECK(levels_of(gray) == std::vector<int>{18, 40});
  CHECK(mien::data::audit(color).flat[0] == 2);
}

TEST_CASE("pictures of different or large sizes are made 48 x 48, others stay, and a size may be given",
          "[pictures]") {
  const TemporaryFolder root;
  add(root / "a/1.png", {1}, 8, 6);
  add(root / "b/1.png", {2}, 8, 6);
  CHECK(read(root.path()).image_shape() == mien::Shape{1, 6, 8});
  CHECK(read(root.path(), {.height = 3, .width = 5}).image_shape() == mien::Shape{1, 3, 5});
  add(root / "b/2.png", {3}, 9, 6);
  const Dataset mixed = read(root.path());
  CHECK(mixed.image_shape() == mien::Shape{1, 48, 48});
  CHECK(levels_of(mixed) == std::vector<int>{1, 2, 3});
  CHECK(mixed.notes[1] == "resized 3 images to 48 x 48; --size gives another size");
  CHECK(mien::test::error_of<mien::ArgumentError>([&] { read(root.path(), {.height = 3}); }) ==
        "[pictures] a size of 3 x 0, edges from 1 to 1024 are possible");
}

TEST_CASE("a folder is a class, even if it is called as a split, unless folders are in it", "[pictures]") {
  const TemporaryFolder root;
  add(root / "bus/1.png", {1});
  add(root / "train/1.png", {2});
  CHECK(read(root.path()).classes == Names{"bus", "train"});
}

TEST_CASE("a manifest names pictures relative to itself, their classes and splits", "[pictures]") {
  const TemporaryFolder root;
  add(root / "in/a.png", {1});
  add(root / "in/b,c.png", {2});
  add(root / "d.png", {3});
  const fs::path file = root / "list.csv";
  write(
      file,
      "Label,File,Split,more\r\ndog,in/a.png,train,x\r\ncat,\"in/b,c.png\",Validation,\r\ndog,d.png,test,\r\n");
  const Dataset dataset = read(file);
  CHECK(dataset.classes == Names{"cat", "dog"});
  CHECK(levels_of(dataset) == std::vector<int>{1, 2, 3});
  CHECK(dataset.labels == std::vector<std::uint8_t>{1, 0, 1});
  CHECK(dataset.splits == std::vector<Split>{Split::training, Split::public_test, Split::private_test});
  CHECK(dataset.names_splits);
}

TEST_CASE("without splits a tenth of each class of a manifest is held out", "[pictures]") {
  const TemporaryFolder root;
  std::string text = "file,label\n";
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i) + ".png";
    add(root / name, {static_cast<std::uint8_t>(i)});
    text += name + (i < 20 ? ",cat\n" : ",dog\n");
  }
  write(root / "list.csv", text);
  const Dataset dataset = read(root / "list.csv");
  CHECK(dataset.indices(Split::public_test).size() == 4);
  CHECK_FALSE(dataset.names_splits);
  CHECK(
      dataset.notes[0] ==
      "no validation images here: 4 images, a tenth of each class, are PublicTest, the validation images that "
      "training holds out");
}

TEST_CASE("what is wrong in a manifest is named by its place", "[pictures]") {
  const TemporaryFolder root;
  add(root / "a.png", {1});
  add(root / "b.png", {1});
  const fs::path file = root / "list.csv";
  const auto error = [&](const std::string& text) {
    write(file, text);
    const std::string what = error_of(file), name = file.string();
    REQUIRE(what.starts_with(name));
    return what.substr(name.size());
  };
  CHECK(error("") == ": the file is empty");
  CHECK(error("file,label\n") == ": no rows behind the first line");
  CHECK(error("a.png,cat\n").starts_with(":1:1: the first line is to name the columns: file,label or"));
  CHECK(error("file,path,label\n") == ":1:6: a second column for the same, \"path\"");
  CHECK(error("file,label\na.png\n") == ":2:1: expected 2 fields, found 1");
  CHECK(error("file,label\na.png,cat\n,dog\n") == ":3:1: no name of a file");
  CHECK(error("file,label\na.png,cat\nb.png,\n") == ":3:7: a class without a name");
  CHECK(error("file,label\na.png,cat\na.png,dog\n") == ":3:1: \"a.png\" is in line 2 already");
  CHECK(error("file,label\nc.png,cat\n") == ":2:1: no file \"" + (root / "c.png").string() + "\"");
  CHECK(error("file,label,split\na.png,cat,later\n") ==
        ":2:11: split is \"later\", expected train, validation or test");
  CHECK(error("file,label\na.png,cat\nb.png,Cat\n") ==
        ": the classes \"Cat\" and \"cat\" differ in case alone; give both the same name, or others");
  CHECK(error("file,label\na.png,cat\n\nb.png,dog\n") == ":3:1: an empty line within the table");
  write(root / "b.png", "no image");
  write(file, "file,label\na.png,cat\nb.png,dog\n");
  CHECK(error_of(file).starts_with((root / "b.png").string() + ": not an image"));
}

TEST_CASE("there are at most 256 classes", "[pictures]") {
  const TemporaryFolder root;
  for (int i = 0; i <= 256; ++i) add(root / ("class" + std::to_string(i) + "/1.png"), {1}, 1, 1);
  CHECK(error_of(root.path()).ends_with(": more than 256 classes"));
}

TEST_CASE("a folder without class folders is no data", "[pictures]") {
  const TemporaryFolder root;
  add(root / "a.png", {1});
  CHECK(error_of(root.path()) ==
        root.path().string() +
            ": no folders here, neither of classes nor train, validation or test; 1 image lies "
            "here: name the folder above");
  fs::create_directories(root / "cat");
  fs::create_directories(root / "dog");
  CHECK(error_of(root.path()) == root.path().string() + ": no images in class folders here");
}

TEST_CASE("a table holds square gray pictures of any classes and size", "[pictures]") {
  const TemporaryFolder root;
  const fs::path file = root / "table.csv";
  write(file, "label,pixels,split\nb,1 2 3 4,train\na,5 6 7 8,val\nb,9 10 11 12,test\n");
  const Dataset dataset = read(file);
  CHECK(dataset.classes == Names{"a", "b"});
  CHECK(dataset.labels == std::vector<std::uint8_t>{1, 0, 1});
  CHECK(dataset.image_shape() == mien::Shape{1, 2, 2});
  CHECK(levels_of(dataset) == std::vector<int>{1, 5, 9});
  CHECK(dataset.splits[1] == Split::public_test);
  const Dataset larger = read(file, {.height = 4, .width = 4, .channels = 3});
  CHECK(larger.image_shape() == mien::Shape{3, 4, 4});
  CHECK(larger.image(2)[0] == 9);
  CHECK(larger.image(2)[47] == 12);
  write(file, "label,pixels\nb,1 2 3\n");
  CHECK(error_of(file) ==
        file.string() + ":2:3: 3 pixels are not those of a square picture with edges up to 1024");
  write(file, "label,pixels\nb,1 2 3 4\n ,1 2 3 4\n");
  CHECK(error_of(file) == file.string() + ":3:2: a class without a name");
  write(file, "label,pixels\nb,1 2 3 4\na,1 2 3\n");
  CHECK(error_of(file) == file.string() + ":3:3: expected 4 pixels, found 3");
}

TEST_CASE("a table of emotions has FER2013's numbers, and contempt as an eighth", "[pictures]") {
  const TemporaryFolder root;
  const fs::path file = root / "table.csv";
  write(file, "emotion,pixels,Usage\n3,1 2 3 4,Training\nangry,5 6 7 8,PublicTest\n");
  CHECK(read(file).classes == mien::data::class_names());
  CHECK(read(file).labels == std::vector<std::uint8_t>{3, 0});
  write(file, "emotion,pixels,Usage\n1,1 2 3 4,Training\ncontempt,5 6 7 8,PublicTest\n0,5 6 7 8,PublicTest\n");
  const Dataset affectnet =
      read(file, {}, {"neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"});
  CHECK(affectnet.classes.size() == 8);
  CHECK(affectnet.classes[7] == "contempt");
  CHECK(affectnet.labels == std::vector<std::uint8_t>{3, 7, 6});
}
