#include "mien/core/json.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::ArgumentError;
using mien::DataError;
using mien::Json;
using mien::parse_json;
using mien::to_json;
using Kind = mien::Json::Kind;
using namespace std::string_literals;
using mien::test::error_of;

namespace {

std::string parse_error(const std::string& text) {
  return error_of<DataError>([&] { parse_json(text, "a.json"); });
}

Json parse(std::string_view text) {
  return parse_json(text, "a.json");
}

}  // namespace

TEST_CASE("every kind of JSON value is parsed") {
  const Json value = parse(R"( {"a": [1, -2.5, true, false, null], "b": {}, "c": "x", "d": []} )");
  CHECK(value.kind() == Kind::object);
  const Json::Array& a = value.at("a").as_array();
  REQUIRE(a.size() == 5);
  CHECK(a[0].as_integer() == 1);
  CHECK(a[1].as_number() == -2.5);
  CHECK(a[2].as_bool());
  CHECK_FALSE(a[3].as_bool());
  CHECK(a[4].is_null());
  CHECK(value.at("b").as_object().empty());
  CHECK(value.at("c").as_string() == "x");
  CHECK(value.at("d").as_array().empty());
  CHECK(value.find("e") == nullptr);
}

TEST_CASE("integers and doubles keep their kind and their exact value") {
  CHECK(parse("9223372036854775807") == Json(std::numeric_limits<std::int64_t>::max()));
  CHECK(parse("-9223372036854775808") == Json(std::numeric_limits<std::int64_t>::min()));
  CHECK(parse("9007199254740993").as_integer() == 9007199254740993);
  CHECK(parse("0").kind() == Kind::integer);
  CHECK(parse("1.0").kind() == Kind::number);
  CHECK(parse("1e2") == Json(100.0));
  CHECK(parse("1E+2") == Json(100.0));
  CHECK(parse("25e-1") == Json(2.5));
  CHECK(parse("4.9e-324").as_number() == 4.9e-324);
  CHECK_FALSE(parse("1") == parse("1.0"));
  CHECK(parse("1").as_number() == 1.0);
  CHECK(std::signbit(parse("-0").as_number()));
}

TEST_CASE("numbers outside the ranges of int64 and double are refused") {
  CHECK(parse_error("9223372036854775808") == "a.json:1:1: number out of range");
  CHECK(parse_error("-9223372036854775809") == "a.json:1:1: number out of range");
  CHECK(parse_error("[1e309]") == "a.json:1:2: number out of range");
  CHECK(parse_error("1e-400") == "a.json:1:1: number out of range");
  CHECK(error_of<ArgumentError>([] { Json(std::uint64_t{1} << 63); }) ==
        "[json] an integer beyond the range of int64");
}

TEST_CASE("number texts that JSON does not allow are refused") {
  for (const char* text : {"01", "-", "-a", "+1", "1.", ".5", "1.e3", "1e", "1e+", "0x10", "NaN", "Infinity",
                           "-inf", "1 2", "00", "1_000", "١"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse(text), DataError);
  }
}

TEST_CASE("string escapes are decoded") {
  CHECK(parse(R"("\"\\\/\b\f\n\r\t")").as_string() == "\"\\/\b\f\n\r\t");
  CHECK(parse(R"("\u0041\u00e9\u20AC\ud83d\ude00")").as_string() == "A\u00e9\u20ac\U0001F600");
  CHECK(parse("\"\\u0000\"").as_string() == "\0"s);
  CHECK(parse("\"\u00e9\u20ac\U0001F600\"").as_string() == "\u00e9\u20ac\U0001F600");
}

TEST_CASE("strings that JSON does not allow are refused with their place") {
  CHECK(parse_error(R"("\ud83d")") == "a.json:1:2: lone surrogate");
  CHECK(parse_error(R"("x\ude00")") == "a.json:1:3: lone surrogate");
  CHECK(parse_error(R"("\ud83d\u0041")") == "a.json:1:2: lone surrogate");
  CHECK(parse_error(R"("\ud83d\n")") == "a.json:1:2: lone surrogate");
  CHECK(parse_error(R"("\u12g4")") == "a.json:1:4: expected four hexadecimal digits");
  CHECK(parse_error(R"("\u-123")") == "a.json:1:4: expected four hexadecimal digits");
  CHECK(parse_error("\"\\u12") == "a.json:1:4: expected four hexadecimal digits");
  CHECK(parse_error(R"("\x41")") == "a.json:1:3: unknown escape \"x\"");
  CHECK(parse_error("\"\\") == "a.json:1:3: unknown escape the end of the text");
  CHECK(parse_error("\"a") == "a.json:1:3: expected '\"', found the end of the text");
  CHECK(parse_error("\"a\nb\"") == "a.json:1:3: control character \"\\x0a\" in a string");
}

TEST_CASE("bytes that are not UTF-8 are refused") {
  for (const std::string bytes : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                  "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xff", "\xbf\xbf", "\xf0\x8f\xbf\xbf"}) {
    CAPTURE(bytes);
    CHECK_THROWS_AS(parse("\"" + bytes + "\""), DataError);
    CHECK_THROWS_AS(to_json(bytes), ArgumentError);
  }
  const std::string_view euro = "\u20ac";
  CHECK(mien::decode_utf8(euro).bytes == 3);
  CHECK(mien::decode_utf8(euro.substr(0, 2)).bytes == 0);
  CHECK(parse_error("\"\xff\"") == "a.json:1:2: not UTF-8: \"\\xff\"");
  CHECK(parse("\"\xf4\x8f\xbf\xbf\"").as_string() == "\U0010FFFF");
}

TEST_CASE("broken structure is refused with line and column") {
  CHECK(parse_error("") == "a.json:1:1: expected a value, found the end of the text");
  CHECK(parse_error("[1,]") == "a.json:1:4: expected a value, found \"]\"");
  CHECK(parse_error("[1 2]") == "a.json:1:4: expected ',' or ']', found \"2\"");
  CHECK(parse_error("[1") == "a.json:1:3: expected ',' or ']', found the end of the text");
  CHECK(parse_error("{\"a\": 1,}") == "a.json:1:9: expected a key in quotes, found \"}\"");
  CHECK(parse_error("{a: 1}") == "a.json:1:2: expected a key in quotes, found \"a\"");
  CHECK(parse_error("{\"a\" 1}") == "a.json:1:6: expected ':', found \"1\"");
  CHECK(parse_error("{\"a\": 1]") == "a.json:1:8: expected ',' or '}', found \"]\"");
  CHECK(parse_error("1 x") == "a.json:1:3: expected the end of the text, found \"x\"");
  CHECK(parse_error("{\n  \"\u00e9\": tru\n}") == "a.json:2:8: expected a value, found \"t\"");
  CHECK(parse_error("\xef\xbb\xbf[]") == "a.json:1:1: expected a value, found \"\xef\xbb\xbf\"");
  CHECK(parse_error("[1]\0"s) == "a.json:1:4: expected the end of the text, found \"\\x00\"");
  CHECK(parse_error("// no comments\n1") == "a.json:1:1: expected a value, found \"/\"");
}

TEST_CASE("a key that stands twice in an object is refused where it stands again") {
  CHECK(parse_error("{\"a\": 1, \"b\": 2,\n \"a\": 3}") == "a.json:2:2: duplicate key \"a\"");
  CHECK(parse_error(R"({"a": 1, "\u0061": 2})") == "a.json:1:10: duplicate key \"a\"");
  CHECK(parse(R"({"a": {"a": 1}, "A": 2})").at("a").at("a").as_integer() == 1);
}

TEST_CASE("depth and number of values are limited") {
  CHECK_NOTHROW(parse(std::string(64, '[') + std::string(64, ']')));
  CHECK(parse_error(std::string(65, '[') + std::string(65, ']')) == "a.json:1:65: nested deeper than 64");
  CHECK_THROWS_AS(parse(std::string(1000000, '[')), DataError);
  CHECK_NOTHROW(parse_json("[1,2]", "a", {.max_depth = 1, .max_values = 3}));
  CHECK_THROWS_AS(parse_json("[1,2,3]", "a", {.max_depth = 1, .max_values = 3}), DataError);
}

TEST_CASE("values are written compactly and prettily in the order of insertion") {
  Json value;
  value.set("z", 1)
      .set("a", Json::Array{true, nullptr, "x"})
      .set("empty", Json::Object())
      .set("none", Json::Array());
  CHECK(to_json(value) == R"({"z":1,"a":[true,null,"x"],"empty":{},"none":[]})");
  CHECK(to_json(value, {.pretty = true}) == R"({
  "z": 1,
  "a": [
    true,
    null,
    "x"
  ],
  "empty": {},
  "none": []
})");
  value.set("z", 2);
  CHECK(value.as_object().front().value.as_integer() == 2);
  CHECK(value.as_object().size() == 4);
  CHECK(to_json(Json().append(1).append("b")) == R"([1,"b"])");
}

TEST_CASE("doubles are written in their shortest exact form and stay doubles") {
  CHECK(to_json(0.1) == "0.1");
  CHECK(to_json(5.0) == "5.0");
  CHECK(to_json(-0.0) == "-0");
  CHECK(to_json(1e22) == "1e+22");
  CHECK(to_json(0.10000000149011612) == "0.10000000149011612");
  for (const double value : {0.0, -0.0, 1.0 / 3.0, 1e300, 5e-324, 1.7976931348623157e308, 123456789.0, -1e5}) {
    CHECK(parse(to_json(value)) == Json(value));
    CHECK(std::signbit(parse(to_json(value)).as_number()) == std::signbit(value));
  }
  CHECK(error_of<ArgumentError>([] { to_json(std::nan("")); }) == "[json] nan cannot be written");
  CHECK_THROWS_AS(to_json(Json::Array{-std::numeric_limits<double>::infinity()}), ArgumentError);
  CHECK(mien::finite_or_null(-std::numeric_limits<double>::infinity()) == Json());
  CHECK(mien::finite_or_null(0.5) == Json(0.5));
}

TEST_CASE("strings are escaped and read back") {
  CHECK(to_json("\"\\\b\f\n\r\t\x01\x7f/") == R"("\"\\\b\f\n\r\t\u0001\u007f/")");
  CHECK(to_json("\u00e9\u20ac\U0001F600") == R"("\u00e9\u20ac\ud83d\ude00")");
  CHECK(to_json("\u00e9\U0001F600", {.ascii = false}) == "\"\u00e9\U0001F600\"");
  for (const std::string& text : {"\0a"s, "\u07ff\u0800\uffff\U00010000\U0010ffff"s, "\ud7ff\ue000"s}) {
    CHECK(parse(to_json(text)).as_string() == text);
    CHECK(parse(to_json(text, {.ascii = false})).as_string() == text);
  }
}

TEST_CASE("asking a value for another kind names the place and both kinds") {
  const Json value = parse(R"({"a": [1]})");
  CHECK(error_of<DataError>([&] { value.at("a").as_string("m.json: a"); }) ==
        "m.json: a: expected a string, found an array");
  CHECK(error_of<DataError>([&] { value.at("b", "m.json"); }) == "m.json: missing \"b\"");
  CHECK(error_of<DataError>([&] { value.at("a").at("b", "m.json"); }) ==
        "m.json: expected an object, found an array");
  CHECK(error_of<DataError>([&] { parse("1.5").as_integer("n"); }) == "n: expected an integer, found a number");
  CHECK(error_of<ArgumentError>([] { Json(1).set("a", 2); }) == "[json] set needs an object, not an integer");
  CHECK(error_of<ArgumentError>([] { Json("s").append(2); }) == "[json] append needs an array, not a string");
}

TEST_CASE("text helpers trim and split") {
  CHECK(mien::trim(" \t\r\n a b \v\f") == "a b");
  CHECK(mien::trim(" \n").empty());
  CHECK(mien::split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
  CHECK(mien::split("", ',') == std::vector<std::string_view>{""});
  CHECK(mien::join(std::vector<std::string>{"", "a", "b"}, ", ") == ", a, b");
  CHECK(mien::join({}, ", ").empty());
}

TEST_CASE("a byte order mark is no part of a text, and other encodings are refused") {
  using namespace std::string_view_literals;
  CHECK(mien::utf8_text("\xef\xbb\xbf"
                        "abc",
                        "f") == "abc");
  CHECK(mien::utf8_text("abc", "f") == "abc");
  CHECK(mien::utf8_text("", "f").empty());
  CHECK(mien::utf8_text("a\0\0b"sv, "f") == "a\0\0b"sv);
  for (const std::string_view text : {"\xff\xfe"
                                      "a\0"sv,
                                      "\xfe\xff\0a"sv, "a\0b\0"sv, "\0a\0b"sv}) {
    CHECK_THROWS_WITH(mien::utf8_text(text, "f"), "f: the text is UTF-16, save it as UTF-8");
  }
  for (const std::string_view text : {"\xff\xfe\0\0a\0\0\0"sv, "\0\0\xfe\xff\0\0\0a"sv}) {
    CHECK_THROWS_WITH(mien::utf8_text(text, "f"), "f: the text is UTF-32, save it as UTF-8");
  }
}

TEST_CASE("words are quoted for a shell where it would not take them as they are") {
  CHECK(mien::shell_quoted("a/b-1.csv") == "a/b-1.csv");
  CHECK(mien::shell_quoted("a b") == "'a b'");
  CHECK(mien::shell_quoted("it's") == "'it'\\''s'");
  CHECK(mien::shell_quoted("") == "''");
}

TEST_CASE("text helpers parse whole numbers only") {
  CHECK(mien::parse_index("-17") == -17);
  CHECK(mien::parse_index("9223372036854775807") == std::numeric_limits<mien::Index>::max());
  for (const char* text : {"", " 1", "1 ", "+1", "1.0", "9223372036854775808", "0x1", "1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(mien::parse_index(text).has_value());
  }
  CHECK(mien::parse_double("-2.5e-3") == -0.0025);
  CHECK(mien::parse_double("7") == 7.0);
  for (const char* text : {"", " 1", "1 ", "+1", "nan", "inf", "-infinity", "1e309", "0x1p3", "1,5"}) {
    CAPTURE(text);
    CHECK_FALSE(mien::parse_double(text).has_value());
  }
}

TEST_CASE("text helpers format numbers") {
  CHECK(mien::shortest_decimal(1e-4f) == 0.0001);
  CHECK(static_cast<float>(mien::shortest_decimal(0.9f)) == 0.9f);
  CHECK(mien::format_number(0.1) == "0.1");
  CHECK(mien::format_number(-0.0) == "-0");
  CHECK(mien::format_number(-1.7976931348623157e308) == "-1.7976931348623157e+308");
  CHECK(mien::format_fixed(0.12345, 3) == "0.123");
  CHECK(mien::format_fixed(-2, 0) == "-2");
  CHECK(mien::format_fixed(1e300, 100).size() == 301 + 1 + 64);
}

TEST_CASE("text is quoted for messages without anything a terminal acts on") {
  CHECK(mien::quote("a\"b\\c") == R"("a\"b\\c")");
  CHECK(mien::quote("\x1b[2J\n\xff\u0085\u00e9") == "\"\\x1b[2J\\x0a\\xff\\xc2\\x85\u00e9\"");
  CHECK(mien::quote("\u00e9\u00e9\u00e9", 2) == "\"\u00e9\u00e9\"...");
  CHECK(mien::quote("ab", 2) == "\"ab\"");
}
