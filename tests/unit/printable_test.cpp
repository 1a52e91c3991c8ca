#include <string>

#include "mien/core/text.hpp"
#include "support/catch.hpp"

using mien::printable;

TEST_CASE("what a terminal would act on is shown escaped, all else as it is") {
  for (const std::string text :
       {"", "a b.png", "\"quoted\" \\", "caf\xc3\xa9", "\xed\x91\x9c\xec\xa0\x95", "\U0001F600", "\xc2\xa0"}) {
    CHECK(printable(text) == text);
    CHECK(mien::is_printable(text));
  }
  CHECK(printable("a\033[31m.png") == "a\\x1b[31m.png");
  CHECK(printable("a\nb\r\tc\x7f") == "a\\x0ab\\x0d\\x09c\\x7f");
  CHECK(printable(std::string("\0", 1)) == "\\x00");
  CHECK(printable("\xc2\x9b"
                  "2J") == "\\xc2\\x9b2J");  // CSI in one character
  CHECK(printable("\xc2\x80\xc2\x9f") == "\\xc2\\x80\\xc2\\x9f");
  CHECK(printable("\x9b\xff\xc3(") == "\\x9b\\xff\\xc3(");  // no UTF-8
}
