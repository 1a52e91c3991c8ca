#include "mien/reader/expression_names.hpp"

#include <set>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "support/catch.hpp"

namespace {

using namespace mien::reader;

constexpr const char* kLabels[] = {"angry", "disgust",  "fear",    "happy",
                                   "sad",   "surprise", "neutral", "contempt"};

}  // namespace

TEST_CASE("every expression has a name of its own in every language") {
  for (const char* code : {"en", "ko", "zh"}) {
    std::set<std::string> names;
    for (const char* label : kLabels) {
      const std::string name = expression_name(label, parse_language(code));
      CHECK(mien::is_utf8(name));
      CHECK((name == label) == (std::string(code) == "en"));
      names.insert(name);
    }
    CHECK(names.size() == 8);
  }
  CHECK(expression_name("happy", Language::korean) == "행복");
  CHECK(expression_name("happy", Language::chinese) == "高兴");
}

TEST_CASE("labels and languages that are not known") {
  CHECK(expression_name("bored", Language::korean) == "bored");
  CHECK_THROWS_WITH(parse_language("de"), "[language] expected en, ko or zh, got `de`");
  CHECK_THROWS_AS(parse_language(""), mien::ArgumentError);
}
