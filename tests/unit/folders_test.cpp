#include "mien/data/folders.hpp"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/open.hpp"
#include "mien/image/decode.hpp"
#include "mien/image/png.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::Index;
using mien::data::Dataset;
using mien::data::read_image_folders;
using mien::data::Split;
using mien::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// A picture of one gray level, which tells it apart.
void add(const fs::path& path, int level, Index side = 48) {
  fs::create_directories(path.parent_path());
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side * side),
                                         static_cast<std::uint8_t>(level));
  mien::image::write_png(path, side, side, 1, pixels);
}

std::string error_of(const fs::path& root) {
  return mien::test::error_of([&] { read_image_folders(root.string()); });
}

std::vector<int> levels_of(const Dataset& dataset) {
  std::vector<int> levels;
  for (Index i = 0; i < dataset.size(); ++i) levels.push_back(dataset.image(i)[0]);
  return levels;
}

}  // namespace

TEST_CASE("class folders get FER2013's labels, not those of the alphabet") {
  const TemporaryFolder root;
  const std::vector<std::string> names{"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    add(root / ("train/" + names[i] + "/a.png"), 10 * static_cast<int>(i));
    add(root / ("validation/" + names[i] + "/a.png"), 10 * static_cast<int>(i) + 1);
  }
  const Dataset dataset = mien::data::open_dataset(root.path().string());
  REQUIRE(dataset.size() == 14);
  CHECK(dataset.labels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6});
  CHECK(levels_of(dataset) == std::vector<int>{0, 10, 20, 30, 40, 50, 60, 1, 11, 21, 31, 41, 51, 61});
  CHECK(dataset.indices(Split::training).size() == 7);
  CHECK(dataset.indices(Split::public_test).size() == 7);
  CHECK(dataset.notes.empty());
  CHECK(dataset.source == root.path().string());
}

TEST_CASE("other words for splits and classes are understood") {
  const TemporaryFolder root;
  add(root / "Training/Anger/1.png", 1);
  add(root / "Training/disgusted/1.png", 2);
  add(root / "Training/FEARFUL/1.png", 3);
  add(root / "Training/happiness/1.png", 4);
  add(root / "Training/Sadness/1.png", 5);
  add(root / "Training/surprised/1.png", 6);
  add(root / "Training/neutral/1.png", 7);
  add(root / "Public_Test/6/1.png", 8);
  add(root / "PrivateTest/0/1.png", 9);
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK(dataset.labels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 6, 0});
  CHECK(levels_of(dataset) == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(dataset.splits[7] == Split::public_test);
  CHECK(dataset.splits[8] == Split::private_test);
}

TEST_CASE("files are taken by the bytes of their names, and other files are passed over") {
  const TemporaryFolder root;
  add(root / "train/sad/b.PNG", 3);
  add(root / "train/sad/a10.png", 1);
  add(root / "train/sad/a9.png", 2);
  add(root / "train/sad/B.png", 0);
  add(root / "val/sad/x.png", 4);
  std::ofstream(root / "train/sad/notes.txt") << "no image";
  std::ofstream(root / "train/sad/.hidden.png") << "no image";
  std::ofstream(root / "README") << "no folder";
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK(levels_of(dataset) == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(dataset.notes == std::vector<std::string>{"passed over 1 files that are not images"});
  add(root / "train/loose.png", 1);
  add(root / "loose.png", 1);
  add(root / "train/happy/more/1.png", 1);
  CHECK(read_image_folders(root.path().string()).notes ==
        std::vector<std::string>{"passed over 1 files that are not images",
                                 "passed over 2 images that are in no class folder",
                                 "passed over 1 folders within class folders"});
}

TEST_CASE("images of every kind that is read are read") {
  const TemporaryFolder root;
  add(root / "val/sad/x.png", 4);
  fs::create_directories(root / "train/sad");
  const auto write = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(root / ("train/sad/" + name), std::ios::binary) << bytes;
  };
  write("a.pgm", "P5 48 48 255\n" + std::string(48 * 48, '\x01'));
  write("b.PNM", "P5 48 48 255\n" + std::string(48 * 48, '\x02'));
  write("c.ppm", "P6 48 48 255\n" + std::string(3 * 48 * 48, '\x03'));
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK(levels_of(dataset) == std::vector<int>{1, 2, 3, 4});
  CHECK(dataset.notes.empty());
}

TEST_CASE("images of another size are resized, with a note") {
  const TemporaryFolder root;
  add(root / "train/sad/a.png", 77, 96);
  add(root / "val/sad/a.png", 78, 20);
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK(dataset.pixels.size() == 2u * 48 * 48);
  CHECK(levels_of(dataset) == std::vector<int>{77, 78});
  CHECK(dataset.notes == std::vector<std::string>{"resized 2 images to 48 x 48"});
}

TEST_CASE("without validation images a tenth of each class of train is held out") {
  const TemporaryFolder root;
  for (int i = 0; i < 40; ++i) add(root / ("train/happy/" + std::to_string(i) + ".png"), i);
  for (int i = 0; i < 20; ++i) add(root / ("train/sad/" + std::to_string(i) + ".png"), 100 + i);
  for (int i = 0; i < 5; ++i) add(root / ("test/sad/" + std::to_string(i) + ".png"), 200 + i);
  const Dataset dataset = read_image_folders(root.path().string());
  REQUIRE(dataset.size() == 65);
  const auto held = dataset.indices(Split::public_test);
  REQUIRE(held.size() == 6);
  std::vector<int> labels, levels;
  for (const std::uint32_t i : held) {
    labels.push_back(dataset.labels[i]);
    levels.push_back(dataset.image(static_cast<Index>(i))[0]);
  }
  CHECK(labels == std::vector<int>{3, 3, 3, 3, 4, 4});
  CHECK(dataset.indices(Split::private_test).size() == 5);
  CHECK(dataset.notes ==
        std::vector<std::string>{"no validation images here: 6 images, a tenth of each class of "
                                 "train, are PublicTest, the validation images that training holds out"});
  const auto all = levels_of(dataset);
  CHECK(std::set<int>(all.begin(), all.end()).size() == 65);

  SECTION("the same ones wherever the folder lies, with any number of threads") {
    const TemporaryFolder other;
    fs::copy(root.path(), other / "moved", fs::copy_options::recursive);
    mien::set_thread_count(3);
    const Dataset again = read_image_folders((other / "moved").string());
    mien::set_thread_count(0);
    CHECK(again.pixels == dataset.pixels);
    CHECK(again.labels == dataset.labels);
    CHECK(again.splits == dataset.splits);
  }
  SECTION("one more file does not move the others") {
    add(root / "train/happy/new.png", 99);
    const Dataset more = read_image_folders(root.path().string());
    std::set<int> now;
    for (const std::uint32_t i : more.indices(Split::public_test))
      now.insert(more.image(static_cast<Index>(i))[0]);
    int kept = 0;
    for (const int level : levels) kept += now.count(level) == 1;
    CHECK(kept >= 5);
  }
}

TEST_CASE("class folders without split folders above are Training, less what is held out") {
  const TemporaryFolder root;
  for (int i = 0; i < 10; ++i) add(root / ("happy/" + std::to_string(i) + ".png"), i);
  add(root / "Sadness/a.png", 50);
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK_FALSE(dataset.names_splits);
  CHECK(dataset.indices(Split::training).size() == 10);
  CHECK(dataset.indices(Split::public_test).size() == 1);
  CHECK(dataset.notes ==
        std::vector<std::string>{"no validation images here: 1 images, a tenth of each class, are "
                                 "PublicTest, the validation images that training holds out"});
  add(root / "joyful/a.png", 1);
  CHECK(error_of(root.path()).find("joyful: unknown folder \"joyful\", expected angry, disgust,") !=
        std::string::npos);
}

TEST_CASE("the names of FER+ are understood, and what systems and other data sets add is passed over") {
  const TemporaryFolder root;
  add(root / "FER2013Train/Anger/a.png", 1);
  add(root / "FER2013Train/contempt/a.png", 2);
  add(root / "FER2013Train/contempt/b.png", 2);
  add(root / "FER2013Valid/Anger/a.png", 3);
  add(root / "FER2013Test/Anger/a.png", 4);
  for (const char* folder : {"", "FER2013Train/", "FER2013Train/Anger/"}) {
    const std::string place = folder;
    add(root / (place + "__MACOSX/._a.png"), 9);
    for (const char* file : {".DS_Store", "Thumbs.db", "desktop.ini", "._a.png"}) {
      std::ofstream(root / (place + file)) << "left behind";
    }
  }
  const Dataset dataset = read_image_folders(root.path().string());
  CHECK(levels_of(dataset) == std::vector<int>{1, 3, 4});
  CHECK(dataset.splits == std::vector<Split>{Split::training, Split::public_test, Split::private_test});
  CHECK(dataset.notes ==
        std::vector<std::string>{"passed over 2 images of contempt, for which FER2013 has no class"});
}

TEST_CASE("folders called by numbers are FER2013's classes in order, or those given, and a note says so") {
  const TemporaryFolder root;
  for (const char* name : {"0", "3", "06"}) {
    add(root / (std::string("train/") + name + "/a.png"), 1);
    add(root / (std::string("val/") + name + "/a.png"), 2);
  }
  const Dataset plain = read_image_folders(root.path().string());
  CHECK(plain.labels == std::vector<std::uint8_t>{0, 3, 6, 0, 3, 6});
  CHECK(plain.numbers_classes);
  CHECK(plain.notes == std::vector<std::string>{
                           "class folders are numbers, taken as 0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 "
                           "surprise, 6 neutral: FER2013's order; --classes gives another"});
  const std::vector<std::string> words{"neutral", "3=contempt", "6=happy"};
  const auto numbers = mien::data::ClassNumbers::parse(words);
  const Dataset other = read_image_folders(root.path().string(), numbers);
  CHECK(other.labels == std::vector<std::uint8_t>{3, 6, 3, 6});
  CHECK(other.notes ==
        std::vector<std::string>{"passed over 2 images of contempt, for which FER2013 has no class",
                                 "class folders are numbers, taken as 0 neutral, 3 contempt, 6 happy"});
  add(root / "train/7/a.png", 1);
  CHECK(
      error_of(root.path())
          .ends_with("unknown folder \"7\", expected a name, or one of 0 angry, 1 disgust, 2 fear, 3 happy, 4 "
                     "sad, 5 surprise, 6 neutral; --classes says what numbers mean"));
}

TEST_CASE("folders without meaning are named, with the words that have one") {
  const TemporaryFolder root;
  add(root / "train/joyful/a.png", 1);
  CHECK(error_of(root.path()) == (root / "train/joyful").string() +
                                     ": unknown folder \"joyful\", expected angry, disgust, fear, happy, sad, "
                                     "surprise, neutral; --data takes any classes");
  const TemporaryFolder splits;
  add(splits / "learn/happy/a.png", 1);
  CHECK(error_of(splits.path()) == (splits / "learn").string() +
                                       ": unknown folder \"learn\", expected train or training; val, valid, "
                                       "validation or public_test; test or private_test");
  const TemporaryFolder twice;
  add(twice / "train/sad/a.png", 1);
  add(twice / "training/sad/a.png", 1);
  CHECK(error_of(twice.path()) == (twice / "training").string() + ": \"train\" stands for Training too");
}

TEST_CASE("missing folders, empty ones and damaged images are refused by name") {
  const TemporaryFolder root;
  CHECK(error_of(root / "none") == (root / "none").string() + ": No such file or directory");
  CHECK(error_of(root.path()) == root.path().string() + ": no folder named train, validation or test here");
  fs::create_directories(root / "train/sad");
  CHECK(error_of(root.path()) == (root / "train").string() + ": no images in class folders here");
  std::ofstream(root / "train/sad/a.heic") << "unread";
  CHECK(error_of(root.path()) == (root / "train").string() +
                                     ": no images in class folders here, only 1 files of other kinds than " +
                                     mien::image::readable_formats());
  for (int i = 0; i < 200; ++i) add(root / ("train/sad/" + std::to_string(1000 + i) + ".png"), i);
  std::ofstream(root / "train/sad/1150.png") << "no image";
  std::ofstream(root / "train/sad/1190.png") << "";
  CHECK(error_of(root.path()).find((root / "train/sad/1150.png").string() + ": ") != std::string::npos);
}
