#include "mien/core/system.hpp"

#include <optional>
#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/environment.hpp"

namespace {

using mien::test::Environment;

bool utf8_with(std::optional<std::string> all, std::optional<std::string> type,
               std::optional<std::string> lang) {
  const Environment a("LC_ALL", std::move(all)), b("LC_CTYPE", std::move(type)), c("LANG", std::move(lang));
  return mien::locale_is_utf8();
}

TEST_CASE("the encoding comes from the first variable that is set") {
  REQUIRE(utf8_with({}, {}, "en_US.UTF-8"));
  REQUIRE(utf8_with("C.utf8", {}, {}));
  REQUIRE(utf8_with("", "de_DE.UTF-8@euro", "C"));
  REQUIRE_FALSE(utf8_with("C", "en_US.UTF-8", "en_US.UTF-8"));
  REQUIRE_FALSE(utf8_with({}, "de_DE.ISO-8859-1", "en_US.UTF-8"));
  REQUIRE_FALSE(utf8_with({}, {}, {}));
}

}  // namespace
