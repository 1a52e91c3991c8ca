#include "mien/data/fer2013.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/data/open.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/gzip_text.hpp"
#include "support/temporary_folder.hpp"

using mien::DataError;
using mien::Index;
using mien::data::CsvOptions;
using mien::data::Dataset;
using mien::data::Split;
using mien::test::bytes_of;
using mien::test::error_of;
using mien::test::stored_gzip;
using mien::test::TemporaryFolder;

namespace {

constexpr int kPixels = 48 * 48;
const std::string kHeader = "emotion,pixels,Usage\n";

int pixel_of(int row, int i) {
  return (row * 31 + i * 7) % 256;
}

/// 2,304 values; the one at `at` (from 0) replaced by `value`.
std::string pixels(int row = 0, int count = kPixels, int at = -1, const std::string& value = "") {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += i == at ? value : std::to_string(pixel_of(row, i));
  }
  return text;
}

std::string good_row(int row = 0) {
  return std::to_string(row % 7) + "," + pixels(row) + ",Training\n";
}

Dataset parse(const std::string& text, const CsvOptions& options = {}) {
  return mien::data::parse_fer2013_csv(bytes_of(text), "f.csv", options);
}

std::string parse_error(const std::string& text, const CsvOptions& options = {}) {
  return error_of([&] { parse(text, options); });
}

void check_row(const Dataset& dataset, Index i, int row) {
  const auto image = dataset.image(i);
  bool same = true;
  for (int k = 0; k < kPixels; ++k) same = same && image[static_cast<std::size_t>(k)] == pixel_of(row, k);
  CHECK(same);
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("the columns of fer2013.csv are read into labels, splits and pixels") {
  const Dataset dataset = parse(kHeader + "3," + pixels(1) + ",Training\n6," + pixels(2) + ",PublicTest\n0," +
                                pixels(3) + ",PrivateTest\n");
  REQUIRE(dataset.size() == 3);
  CHECK(dataset.height == 48);
  CHECK(dataset.width == 48);
  CHECK(dataset.pixels.size() == 3u * kPixels);
  CHECK(dataset.labels == std::vector<std::uint8_t>{3, 6, 0});
  CHECK(dataset.splits == std::vector<Split>{Split::training, Split::public_test, Split::private_test});
  CHECK(dataset.source == "f.csv");
  for (int i = 0; i < 3; ++i) check_row(dataset, i, i + 1);
  CHECK(dataset.indices(Split::public_test) == std::vector<std::uint32_t>{1});
  CHECK_THROWS_AS(dataset.image(3), mien::ArgumentError);
  CHECK_THROWS_AS(dataset.image(-1), mien::ArgumentError);
}

TEST_CASE("icml_face_data.csv has another order and blanks around names and values") {
  const Dataset dataset = parse("emotion, Usage, pixels\n4, PrivateTest, " + pixels(5) + " \n");
  REQUIRE(dataset.size() == 1);
  CHECK(dataset.labels[0] == 4);
  CHECK(dataset.splits[0] == Split::private_test);
  check_row(dataset, 0, 5);
}

TEST_CASE("line ends, quotes, letter case, a byte order mark and further columns do not matter") {
  const std::string expected_pixels = pixels(9);
  const std::vector<std::string> files = {
      "emotion,pixels,Usage\r\n2," + expected_pixels + ",PublicTest\r\n",
      "\xef\xbb\xbf"
      "emotion,pixels,Usage\n2," +
          expected_pixels + ",PublicTest\n",
      "\"emotion\",\"pixels\",\"Usage\"\n\"2\",\"" + expected_pixels + "\", \"PublicTest\" \n",
      "EMOTION,Pixels,usage\n2," + expected_pixels + ",publictest\n",
      "emotion,pixels,Usage\n2," + expected_pixels + ",PublicTest",
      "emotion,pixels,Usage\n2," + expected_pixels + ",PublicTest\n\n\r\n  \n",
      "n,emotion,pixels,Usage,\"a \"\"name\"\", quoted\"\n17,2," + expected_pixels +
          ",PublicTest,\"x,\"\"y\"\n",
      "emotion,pixels,Usage\n02,  " + expected_pixels + "  ,\tPublicTest\n",
  };
  for (const std::string& file : files) {
    CAPTURE(file.substr(0, 40));
    const Dataset dataset = parse(file);
    REQUIRE(dataset.size() == 1);
    CHECK(dataset.labels[0] == 2);
    CHECK(dataset.splits[0] == Split::public_test);
    check_row(dataset, 0, 9);
  }
}

TEST_CASE("every value 0 to 255 reads as itself at every place of the pixel parser") {
  std::string text = kHeader;
  for (int row = 0; row < 256; ++row) text += good_row(row);
  const Dataset dataset = parse(text);
  REQUIRE(dataset.size() == 256);
  for (int row = 0; row < 256; ++row) check_row(dataset, row, row);
}

TEST_CASE("runs of blanks between pixels and leading zeros are read") {
  std::string spaced = pixels();
  spaced.replace(spaced.find(' '), 1, "   ");
  check_row(parse(kHeader + "1," + spaced + ",Training\n"), 0, 0);
  check_row(parse(kHeader + "1," + pixels(0, kPixels, 1, "007") + ",Training\n"), 0, 0);
}

TEST_CASE("a wrong number of pixels is reported at the pixels") {
  CHECK(parse_error(kHeader + "0," + pixels(0, 2303) + ",Training\n") ==
        "f.csv:2:3: expected 2304 pixels, found 2303");
  CHECK(parse_error(kHeader + good_row() + "0," + pixels(0, 2305) + ",Training\n") ==
        "f.csv:3:3: expected 2304 pixels, found 2305");
  CHECK(parse_error(kHeader + "0,,Training\n") == "f.csv:2:3: expected 2304 pixels, found 0");
  CHECK(parse_error("emotion,Usage,pixels\n0,Training,7\n") == "f.csv:2:12: expected 2304 pixels, found 1");
  CHECK(parse_error("emotion,Usage,pixels\n0,Training,7") ==
        "f.csv:2:12: expected 2304 pixels, found 1 (the file ends within this line: it may be cut short)");
}

TEST_CASE("a bad pixel is reported at its own place") {
  const auto error = [](int at, const std::string& value) {
    return parse_error(kHeader + "0," + pixels(0, kPixels, at, value) + ",Training\n");
  };
  CHECK(error(0, "256") == "f.csv:2:3: pixel 1 is 256, expected an integer 0 to 255");
  // 0 7 14 21 28: the sixth value stands behind 13 bytes, and those behind the label.
  CHECK(error(5, "-1") == "f.csv:2:16: pixel 6 is -1, expected an integer 0 to 255");
  CHECK(error(5, "1.5") == "f.csv:2:16: pixel 6 is 1.5, expected an integer 0 to 255");
  CHECK(error(5, "abc") == "f.csv:2:16: pixel 6 is \"abc\", expected an integer 0 to 255");
  CHECK(error(5, "+1") == "f.csv:2:16: pixel 6 is +1, expected an integer 0 to 255");
  CHECK(error(5, "0001") == "f.csv:2:16: pixel 6 is 0001, expected an integer 0 to 255");
  CHECK(error(5, "4294967297") == "f.csv:2:16: pixel 6 is 4294967297, expected an integer 0 to 255");
  CHECK(error(5, "1\t2") == "f.csv:2:16: pixel 6 is \"1\\x092\", expected an integer 0 to 255");
  CHECK(error(5, "\xb2").starts_with("f.csv:2:16: pixel 6 is \"\\xb2\""));
  CHECK(error(kPixels - 1, "300").ends_with(": pixel 2304 is 300, expected an integer 0 to 255"));
  for (int at = 0; at < 20; ++at) {
    for (const std::string value : {"256", "999", "1000", "x", "1x", "25/", "2:"}) {
      CHECK(error(at, value).find("pixel " + std::to_string(at + 1) + " is ") != std::string::npos);
    }
  }
}

TEST_CASE("bad labels and usages are reported at their place") {
  const std::string rest = "," + pixels() + ",Training\n";
  CHECK(parse_error(kHeader + "7" + rest) == "f.csv:2:1: emotion is 7, expected an integer 0 to 6");
  CHECK(parse_error(kHeader + rest) == "f.csv:2:1: emotion is empty, expected an integer 0 to 6");
  CHECK(parse_error(kHeader + "  joyful" + rest) ==
        "f.csv:2:3: emotion is \"joyful\", expected an integer 0 to 6 or one of angry, disgust, fear, happy, "
        "sad, "
        "surprise, neutral");
  CHECK(parse_error(kHeader + "3.5" + rest) == "f.csv:2:1: emotion is 3.5, expected an integer 0 to 6");
  const std::string usages = ", expected Training, PublicTest or PrivateTest (or Train, Validation, Test)";
  CHECK(parse_error("Usage,emotion,pixels\nTested,0," + pixels() + "\n") ==
        "f.csv:2:1: Usage is \"Tested\"" + usages);
  CHECK(parse_error("Usage,emotion,pixels\n,0," + pixels() + "\n") == "f.csv:2:1: Usage is empty" + usages);
}

TEST_CASE("labels may be names or have zeros behind a point, usages other names") {
  const std::string rest = "," + pixels() + ",";
  const Dataset dataset =
      parse(kHeader + "Happy" + rest + "Train\n3.0" + rest + "VALIDATION\nsadness" + rest + "Test\n");
  CHECK(dataset.labels == std::vector<std::uint8_t>{3, 3, 4});
  CHECK(dataset.splits == std::vector<Split>{Split::training, Split::public_test, Split::private_test});
  CHECK(dataset.numbers_classes);
  CHECK_FALSE(parse(kHeader + "Happy" + rest + "val\n").numbers_classes);

  const std::vector<std::string> words{"neutral", "happy", "contempt"};
  const CsvOptions options{.classes = mien::data::ClassNumbers::parse(words)};
  CHECK(parse(kHeader + "0" + rest + "val\n", options).labels[0] == 6);
  CHECK(parse_error(kHeader + "3" + rest + "val\n", options) ==
        "f.csv:2:1: emotion is 3, expected one of 0 neutral, 1 happy, 2 contempt");
}

TEST_CASE("rows of contempt are passed over, and a note says how many") {
  const std::string rest = "," + pixels() + ",";
  const std::vector<std::string> words{"neutral", "happy", "contempt"};
  const CsvOptions options{.classes = mien::data::ClassNumbers::parse(words)};
  const Dataset dataset = parse(kHeader + "2" + rest + "Train\n0," + pixels(0, kPixels, 0, "9") + ",val\n2" +
                                    rest + "Test\nContempt" + rest + "val\n1" + rest + "Test\n",
                                options);
  CHECK(dataset.labels == std::vector<std::uint8_t>{6, 3});
  CHECK(dataset.splits == std::vector<Split>{Split::public_test, Split::private_test});
  CHECK(dataset.pixels.size() == 2 * kPixels);
  CHECK(dataset.pixels[0] == 9);
  CHECK(dataset.notes ==
        std::vector<std::string>{"passed over 3 images of contempt, for which FER2013 has no class"});
  CHECK(parse_error(kHeader + "Contempt" + rest + "val\n") ==
        "f.csv: no rows but images of contempt, for which FER2013 has no class");
}

TEST_CASE("lines that end in CR alone are named") {
  const std::string what = "lines end in CR alone, expected LF or CRLF";
  std::string text = "emotion,pixels\r";
  text += "3," + pixels() + "\r";
  CHECK(parse_error(text) == "f.csv:1:15: " + what);
  for (int i = 0; i < 40; ++i) text += "3," + pixels() + "\r";
  CHECK(parse_error(text) == "f.csv:1:15: " + what);
}

TEST_CASE("without validation rows a tenth of each class is held out, the same in any order") {
  const auto rows = [](bool backwards, const std::string& end) {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      const int row = backwards ? 59 - i : i;
      text += std::to_string(row < 40 ? 3 : 4) + "," + pixels(row) + end;
    }
    return text;
  };
  const auto held_out = [](const Dataset& dataset) {
    std::multiset<std::vector<std::uint8_t>> images;
    for (const std::uint32_t i : dataset.indices(Split::public_test)) {
      const auto image = dataset.image(static_cast<Index>(i));
      images.emplace(image.begin(), image.end());
    }
    return images;
  };
  const Dataset plain = parse("emotion,pixels\n" + rows(false, "\n"));
  CHECK(plain.size() == 60);
  CHECK_FALSE(plain.names_splits);
  CHECK(plain.indices(Split::training).size() == 54);
  int happy = 0;
  for (const std::uint32_t i : plain.indices(Split::public_test)) happy += plain.labels[i] == 3;
  CHECK(happy == 4);
  CHECK(plain.notes == std::vector<std::string>{"no column named \"Usage\": 6 rows, a tenth of each class, are "
                                                "PublicTest, the validation rows that training holds out"});
  CHECK(held_out(parse("emotion,pixels\n" + rows(true, "\n"))) == held_out(plain));

  const Dataset tested = parse(kHeader + rows(false, ",Train\n") + "3," + pixels(99) + ",Test\n");
  CHECK(tested.names_splits);
  CHECK(tested.indices(Split::private_test) == std::vector<std::uint32_t>{60});
  CHECK(held_out(tested) == held_out(plain));
  CHECK(tested.notes ==
        std::vector<std::string>{"no validation rows here: 6 rows, a tenth of each class of "
                                 "Training, are PublicTest, the validation rows that training holds out"});

  CHECK(parse(kHeader + rows(false, ",Train\n") + "3," + pixels(99) + ",val\n").notes.empty());
  CHECK(parse("emotion,pixels\n3," + pixels() + "\n").notes ==
        std::vector<std::string>{
            "no column named \"Usage\", and too few rows of each class to hold a tenth out"});
}

TEST_CASE("pixels with commas between are refused as such") {
  std::string commas = pixels();
  std::replace(commas.begin(), commas.end(), ' ', ',');
  CHECK(parse_error(kHeader + "0," + commas + ",Training\n") ==
        "f.csv:2:1: expected 3 fields, found 2306: pixels are to have blanks between them, not commas");
  CHECK(parse_error(kHeader + "0,\"" + commas + "\",Training\n")
            .ends_with(", expected an integer 0 to 255 and blanks between pixels"));
}

TEST_CASE("the columns are checked before any row") {
  CHECK(parse_error("emotion,Usage\n0,Training\n") ==
        "f.csv:1:1: no column named \"pixels\", the first line has \"emotion\", \"Usage\"");
  CHECK(parse_error("pixels\n" + pixels() + "\n") ==
        "f.csv:1:1: no column named \"emotion\": images without labels (as in the competition's test.csv) can "
        "neither be learned from nor measured on");
  CHECK(parse_error(good_row(3))
            .starts_with("f.csv:1:1: no column named \"emotion\", the first line has \"3\", \""));
  CHECK(parse_error(good_row(3)).ends_with(": it has to name the columns, such as emotion,pixels,Usage"));
  CHECK(parse_error("emotion;pixels;Usage\n") ==
        "f.csv:1:8: columns are separated by semicolons, expected commas");
  CHECK(parse_error("\"Usage\"\t\"Pixels\"\t\"emotion\"\n") ==
        "f.csv:1:8: columns are separated by tabs, expected commas");
  CHECK(parse_error("emotion,pixels,Emotion,Usage\n") == "f.csv:1:16: a second column named \"Emotion\"");
  CHECK(parse_error("\"emotion,pixels,Usage\n") ==
        "f.csv:1:1: the quote that opens here is not closed on this line");
  CHECK(parse_error("\"emotion\"x,pixels,Usage\n") == "f.csv:1:10: expected a comma behind the closing quote");
}

TEST_CASE("a row has as many fields as the first line") {
  CHECK(parse_error(kHeader + "0," + pixels() + ",Training,\n") == "f.csv:2:1: expected 3 fields, found 4");
  CHECK(parse_error(kHeader + "0," + pixels() + "\n" + good_row()) == "f.csv:2:1: expected 3 fields, found 2");
  CHECK(parse_error(kHeader + good_row() + "0,70 80 8") ==
        "f.csv:3:1: expected 3 fields, found 2 (the file ends within this line: it may be cut short)");
  CHECK(parse_error(kHeader + good_row() + "\n" + good_row()) == "f.csv:3:1: an empty line within the table");
}

TEST_CASE("files that hold no table are refused") {
  CHECK(parse_error("") == "f.csv: the file is empty");
  CHECK(parse_error(" \r\n\n") == "f.csv: the file is empty");
  CHECK(parse_error("\xef\xbb\xbf") == "f.csv: the file is empty");
  CHECK(parse_error(kHeader) == "f.csv: no rows behind the first line");
  CHECK(parse_error("emotion,pixels,Usage") == "f.csv: no rows behind the first line");
  CHECK(parse_error(std::string("\xff\xfe"
                                "e\0m\0",
                                6)) == "f.csv: the text is UTF-16, save it as UTF-8");
  CHECK(parse_error(std::string("e\0m\0", 4)) == "f.csv: the text is UTF-16, save it as UTF-8");
  CHECK(parse_error(std::string("\xfe\xff\0e", 4)) == "f.csv: the text is UTF-16, save it as UTF-8");
  CHECK(parse_error(std::string("emo\0tion,", 9)) == "f.csv:1:4: a zero byte: this is not a text file");
  CHECK(parse_error(kHeader + "0," + pixels(0, kPixels, 0, std::string(1, '\0')) + ",Training\n") ==
        "f.csv:2:3: a zero byte: this is not a text file");
}

TEST_CASE("a line without end is not followed beyond the limit") {
  const std::string endless(100000, '7');
  CHECK(parse_error(endless) == "f.csv:1:65537: the line is longer than 65536 bytes");
  CHECK(parse_error(kHeader + good_row() + endless + "\n") ==
        "f.csv:3:65537: the line is longer than 65536 bytes");
  CHECK(parse_error(kHeader + good_row(), {.max_line_bytes = 100}) ==
        "f.csv:2:101: the line is longer than 100 bytes");
  CHECK(parse_error(kHeader + good_row(), {.max_bytes = 100}) == "f.csv: the file is larger than 100 bytes");
}

TEST_CASE("more line breaks than rows could fit do not ask for memory") {
  // 40 million rows of 2,304 bytes would be 92 GB.
  CHECK(parse_error(kHeader + std::string(40'000'000, '\n') + "x") ==
        "f.csv:2:1: an empty line within the table");
}

TEST_CASE("the first bad line is reported whatever the threads") {
  std::string text = kHeader;
  for (int row = 0; row < 600; ++row) {
    const bool bad = row == 311 || row == 313 || row == 580;
    text += bad ? "7," + pixels(row) + ",Training\n" : good_row(row);
  }
  REQUIRE(text.size() > 4u << 20);
  for (const int threads : {1, 2, 5}) {
    mien::set_thread_count(threads);
    CHECK(parse_error(text) == "f.csv:313:1: emotion is 7, expected an integer 0 to 6");
  }
  mien::set_thread_count(0);
}

TEST_CASE("rows are in file order wherever the work is cut") {
  // Rows of 8,192 bytes begin exactly where the pieces of 2^20 bytes do.
  for (const std::size_t length : {std::size_t{8192}, std::size_t{8191}, std::size_t{10007}}) {
    std::string text = kHeader;
    for (int row = 0; row < 300; ++row) {
      std::string line = good_row(row);
      line.insert(line.size() - 1, std::max(length, line.size()) - line.size(), ' ');
      text += line;
    }
    mien::set_thread_count(3);
    const Dataset dataset = parse(text);
    mien::set_thread_count(0);
    REQUIRE(dataset.size() == 300);
    for (int row = 0; row < 300; ++row) {
      CHECK(dataset.labels[static_cast<std::size_t>(row)] == row % 7);
      check_row(dataset, row, row);
    }
  }
}

TEST_CASE("a packed file is recognised by its first bytes, not by its name") {
  const TemporaryFolder folder;
  const std::string packed = stored_gzip(kHeader + good_row(4));
  write(folder / "a.csv", packed);
  write(folder / "b.csv.gz", packed);
  write(folder / "c.csv.gz", kHeader + good_row(4));
  for (const char* name : {"a.csv", "b.csv.gz", "c.csv.gz"}) {
    const Dataset dataset = mien::data::open_dataset((folder / name).string());
    REQUIRE(dataset.size() == 1);
    check_row(dataset, 0, 4);
  }
  CHECK(parse_error(stored_gzip(kHeader + "7,,\n")) == "f.csv:2:1: emotion is 7, expected an integer 0 to 6");
  CHECK(parse_error(packed.substr(0, 2000)) != "no error");
  CHECK(parse_error(packed, {.max_bytes = packed.size() - 30}) != "no error");
}

TEST_CASE("what is not a file is refused by name") {
  const TemporaryFolder folder;
  const auto error = [](const std::filesystem::path& path) {
    return error_of([&] { mien::data::read_fer2013_csv(path.string()); });
  };
  CHECK(error(folder / "none.csv").ends_with("none.csv: No such file or directory"));
  CHECK(error(folder.path()).find(folder.path().string() + ": ") != std::string::npos);
  CHECK(error("/dev/null").find("/dev/null: ") != std::string::npos);
  write(folder / "empty.csv", "");
  CHECK(error(folder / "empty.csv") == (folder / "empty.csv").string() + ": the file is empty");
}
