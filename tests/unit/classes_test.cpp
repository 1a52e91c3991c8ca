// What data sets call classes and splits, and what numbers of classes mean.
#include "mien/data/classes.hpp"

#include <string>
#include <vector>

#include "data/names.hpp"
#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::data::ClassNumbers;
using mien::data::Split;
using namespace mien::data::detail;

namespace {

ClassNumbers parse(const std::vector<std::string>& words) {
  return ClassNumbers::parse(words);
}

std::string error_of(const std::vector<std::string>& words) {
  return mien::test::error_of<mien::ArgumentError>([&] { (void)parse(words); });
}

}  // namespace

TEST_CASE("splits go by many names, in any letter case") {
  for (const char* name : {"train", "Training", "FER2013Train", "fer2013_train", "TRAIN"}) {
    CHECK(split_named(name) == Split::training);
  }
  for (const char* name : {"val", "Valid", "validation", "dev", "PublicTest", "public-test", "FER2013Valid"}) {
    CHECK(split_named(name) == Split::public_test);
  }
  for (const char* name : {"test", "Testing", "Private Test", "FER2013Test"}) {
    CHECK(split_named(name) == Split::private_test);
  }
  for (const char* name : {"", "fer2013", "trains", "happy", "0"}) CHECK_FALSE(split_named(name));
}

TEST_CASE("classes go by near words, with a number before them or without") {
  const std::vector<std::vector<std::string>> words{
      {"angry", "Anger", "0_angry"}, {"disgust", "Disgusted"}, {"fear", "FEARFUL", "2-fear"},
      {"happy", "happiness"},        {"sad", "Sadness"},       {"surprise", "Surprised"},
      {"neutral", "06 Neutral"}};
  for (std::size_t label = 0; label < words.size(); ++label) {
    for (const std::string& word : words[label]) CHECK(class_named(word) == label);
  }
  for (const char* name : {"", "0", "joyful", "contempt"}) CHECK_FALSE(class_named(name));
  CHECK(is_other_expression("7_Contempt"));
  CHECK_FALSE(is_other_expression("content"));
}

TEST_CASE("a class's number may have zeros around it and nothing else") {
  CHECK(class_number("3") == 3u);
  CHECK(class_number("03") == 3u);
  CHECK(class_number("3.0") == 3u);
  CHECK(class_number("6.") == 6u);
  CHECK(class_number("99") == 99u);
  for (const char* text : {"", ".0", "3.5", "-1", "+1", "100", "0003", "3,0", "3.0.0", "3e0", "3 "}) {
    CHECK_FALSE(class_number(text));
  }
}

TEST_CASE("numbers mean FER2013's classes, or those that are given") {
  const ClassNumbers own = parse({});
  CHECK(own.to_string() == "0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral");
  CHECK(own.label(6) == 6);
  CHECK_FALSE(own.label(7));
  CHECK(own.words().empty());

  const ClassNumbers plus =
      parse({"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"});
  CHECK(plus.label(0) == 6);
  CHECK(plus.label(4) == 0);
  CHECK_FALSE(plus.label(7));
  CHECK(plus.is_other(7));
  CHECK_FALSE(plus.is_other(8));
  CHECK(plus.to_string() == "0 neutral, 1 happy, 2 surprise, 3 sad, 4 angry, 5 disgust, 6 fear, 7 contempt");

  const ClassNumbers from_one = parse({"1=surprise", " fear ", "9 = happy", "sad"});
  CHECK(from_one.to_string() == "1 surprise, 2 fear, 9 happy, 10 sad");
  CHECK_FALSE(from_one.label(0));
  CHECK(from_one.label(10) == 4);
  CHECK(parse(from_one.words()).to_string() == from_one.to_string());
}

TEST_CASE("lists of classes that cannot be meant are refused") {
  CHECK(error_of({"angry", "joyful"}) ==
        "[classes] \"joyful\": expected one of angry, disgust, fear, happy, sad, surprise, neutral, contempt");
  CHECK(error_of({"angry", "anger"}) == "[classes] \"anger\": angry is given twice");
  CHECK(error_of({"1=angry", "1=sad"}) == "[classes] \"1=sad\": number 1 is given twice");
  CHECK(error_of({"x=angry"}) == "[classes] \"x=angry\": expected NUMBER=NAME with a number 0 to 99");
  CHECK(error_of({"99=angry", "sad"}) == "[classes] \"sad\" would be number 100");
  CHECK(error_of({""}) != "no error");
}
