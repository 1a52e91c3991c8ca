#include "mien/reader/emoticons.hpp"

#include <filesystem>
#include <set>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::reader::Emoticons;
using mien::reader::EmoticonStyle;

namespace {

constexpr EmoticonStyle kStyles[] = {EmoticonStyle::emoji, EmoticonStyle::ascii, EmoticonStyle::kaomoji};
constexpr const char* kExpressions[] = {"angry", "disgust",  "fear",    "happy",
                                        "sad",   "surprise", "neutral", "contempt"};

std::string error_of(std::string_view text) {
  return mien::test::error_of([&] { Emoticons::parse(text, "emoticons.txt"); });
}

}  // namespace

TEST_CASE("every expression has several forms in every style") {
  const Emoticons table = Emoticons::defaults();
  for (const EmoticonStyle style : kStyles) {
    std::set<std::string> all;
    for (const char* expression : kExpressions) {
      const auto forms = table.forms(expression, style);
      INFO(expression);
      REQUIRE(forms.size() >= 3);
      for (const std::string& form : forms) {
        REQUIRE(mien::is_utf8(form));
        REQUIRE(all.insert(form).second);  // no form stands for two expressions
      }
    }
  }
  REQUIRE(table.forms("happy", EmoticonStyle::emoji).front() == "\xf0\x9f\x98\x80");
  REQUIRE(table.forms("neutral", EmoticonStyle::ascii).front() == ":-|");
  REQUIRE(table.forms("sad", EmoticonStyle::kaomoji).front() == "(╥﹏╥)");
  REQUIRE(table.forms("bored", EmoticonStyle::emoji).empty());
}

TEST_CASE("the editable table equals the built-in one") {
  const std::filesystem::path file = std::filesystem::path(MIEN_SAMPLE_FOLDER) / "emoticons.txt";
  REQUIRE(Emoticons::load(file) == Emoticons::defaults());
  const std::string text = mien::read_file(file, 1 << 20);
  for (const char* expression : kExpressions) {  // all lines are there, none is filled in
    for (const EmoticonStyle style : kStyles) {
      const std::string first = Emoticons::defaults().forms(expression, style).front();
      REQUIRE(text.find("| " + first + " ") != std::string::npos);
    }
  }
}

TEST_CASE("a file changes what it mentions and keeps the rest") {
  const Emoticons table =
      Emoticons::parse("\xef\xbb\xbf# mine\r\n\r\n happy|ascii |  =) \t:|  |:\r\nbored | emoji | z\n", "e");
  const auto happy = table.forms("happy", EmoticonStyle::ascii);
  REQUIRE(std::vector<std::string>(happy.begin(), happy.end()) == std::vector<std::string>{"=)", ":|", "|:"});
  REQUIRE(table.forms("bored", EmoticonStyle::emoji).front() == "z");
  REQUIRE(table.forms("happy", EmoticonStyle::emoji).front() == "😀");
  REQUIRE(table.added() == std::vector<std::string>{"bored"});
  REQUIRE(Emoticons::parse("", "e") == Emoticons::defaults());
  REQUIRE(Emoticons::defaults().added().empty());
}

TEST_CASE("mistakes in the file are named with line and column") {
  REQUIRE(error_of("# x\n\n\nhappy | smiley | 1") ==
          "emoticons.txt:4:9: unknown style \"smiley\", expected emoji, ascii or kaomoji");
  REQUIRE(error_of("happy") == "emoticons.txt:1:6: expected '|' after the expression");
  REQUIRE(error_of("happy | emoji") == "emoticons.txt:1:14: expected '|' after the style");
  REQUIRE(error_of("happy | emoji | ") == "emoticons.txt:1:17: expected at least one form");
  REQUIRE(error_of(" | emoji | x") == "emoticons.txt:1:1: expected the expression");
  REQUIRE(error_of("sad | ascii | a é") == "emoticons.txt:1:17: not an ASCII character");
  REQUIRE(error_of("sad | emoji | é \x1b[2J") == "emoticons.txt:1:17: control character");
  REQUIRE(error_of("sad | emoji | \xff") == "emoticons.txt:1:15: not UTF-8");
  REQUIRE(error_of("sad | emoji | a\nsad | ascii | b\n sad | emoji | c") ==
          "emoticons.txt:3:2: \"sad\" has its emoji already in line 1");
}

TEST_CASE("a table that cannot be read is an error") {
  const mien::test::TemporaryFolder folder;
  REQUIRE_THROWS_AS(Emoticons::load(folder / "none.txt"), mien::DataError);
  mien::write_file_atomically(folder / "large.txt", std::string((1 << 20) + 1, '#'));
  REQUIRE_THROWS_AS(Emoticons::load(folder / "large.txt"), mien::DataError);
}

TEST_CASE("styles have names") {
  for (const EmoticonStyle style : kStyles) {
    REQUIRE(mien::reader::parse_emoticon_style(mien::reader::emoticon_style_name(style)) == style);
  }
  REQUIRE_THROWS_AS(mien::reader::parse_emoticon_style("Emoji"), mien::ArgumentError);
}
