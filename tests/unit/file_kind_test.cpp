// Files that are given in place of a CSV.
#include "data/file_kind.hpp"

#include <string>
#include <vector>

#include "mien/core/gzip.hpp"
#include "mien/data/fer2013.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/gzip_text.hpp"

using namespace std::string_literals;
using mien::test::bytes_of;

namespace {

std::string error_of(const std::string& bytes, const std::string& name = "d/f") {
  return mien::test::error_of([&] { mien::data::parse_fer2013_csv(bytes_of(bytes), name); });
}

// The first header of an archive; `magic` is empty in the oldest form.
std::string tar_of(const std::string& file, const std::string& magic) {
  std::string header(512, '\0');
  header.replace(0, file.size(), file);
  header.replace(148, 8, "        ");
  header.replace(257, magic.size(), magic);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum);
  header.replace(148, 7, text, 7);
  return header + std::string(512, 'x');
}

}  // namespace

TEST_CASE("an archive or a packed file is named for what it is, with the command that unpacks it") {
  struct Case {
    std::string bytes, name, what;
  };
  const std::vector<Case> cases = {
      {"PK\x03\x04 and more", "f.zip", "a zip archive: unpack it first, as by `unzip f.zip`"},
      {"BZh91AY&SY", "f.bz2", "a file packed with bzip2: unpack it first, as by `bunzip2 -k f.bz2`"},
      {"BZh91AY&SY", "f.tar.bz2", "a tar archive packed with bzip2: unpack it first, as by `tar xf f.tar.bz2`"},
      {"\xfd"
       "7zXZ\0\0"s,
       "f.xz", "a file packed with xz: unpack it first, as by `unxz -k f.xz`"},
      {"\xfd"
       "7zXZ\0\0"s,
       "f.TXZ", "a tar archive packed with xz: unpack it first, as by `tar xf f.TXZ`"},
      {"\x28\xb5\x2f\xfd"s, "f.zst", "a file packed with zstd: unpack it first, as by `unzstd f.zst`"},
      {"7z\xbc\xaf\x27\x1c"s, "f.7z", "a 7z archive: unpack it first, as by `7z x f.7z`"},
      {"Rar!\x1a\x07\0"s, "my data.rar", "a rar archive: unpack it first, as by `unrar x 'my data.rar'`"},
      {tar_of("fer2013.csv", "ustar"), "f.tar", "a tar archive: unpack it first, as by `tar xf f.tar`"},
      {tar_of("fer2013.csv", ""), "f.csv", "a tar archive: unpack it first, as by `tar xf f.csv`"},
      {"PK\x03\x04"s + std::string(26, '\0') + "[Content_Types].xml", "f.xlsx",
       "a spreadsheet: save or convert it as CSV first"},
      {"<!DOCTYPE HTML><html>", "f.csv", "a web page: the download may have needed a login"},
      {"\xff\xd8\xff\xe0", "f.jpg", "a JPEG image: expected a CSV file, or a folder of images"},
  };
  for (const Case& c : cases) {
    CHECK(error_of(c.bytes, c.name) == c.name + ": this is " + c.what);
    CHECK(error_of(c.bytes.substr(0, 1), c.name).find("this is") == std::string::npos);
  }
}

TEST_CASE("what is inside of a gzip file is named, too") {
  const auto error = [](const std::string& text) { return error_of(mien::test::stored_gzip(text), "f.gz"); };
  CHECK(error(tar_of("a/fer2013.csv", "ustar")) ==
        "f.gz: this is a tar archive packed with gzip: unpack it first, as by `tar xzf f.gz`");
  CHECK(error(mien::test::stored_gzip("x")) ==
        "f.gz: this is a gzip file packed with gzip again: unpack it first, as by `gunzip -k f.gz`");
  CHECK(error("PK\x03\x04 and more") ==
        "f.gz: this is a gzip file that holds a zip archive: unpack it first, as by `gunzip -k f.gz`");
}
