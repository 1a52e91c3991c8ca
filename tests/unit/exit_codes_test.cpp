#include "common/exit_codes.hpp"

#include "mien/c.h"
#include "support/catch.hpp"

TEST_CASE("codes of the C interface are the programs' where they mean the same") {
  CHECK(MIEN_OK == apps::kOk);
  CHECK(MIEN_BAD_ARGUMENT == apps::kUsage);
  CHECK(MIEN_BAD_DATA == apps::kBadData);
  for (const int code : {int{MIEN_OUT_OF_MEMORY}, int{MIEN_UNEXPECTED}}) {
    for (const int other : {apps::kDiverged, apps::kNoFace, apps::kInterrupted}) CHECK(code != other);
  }
}
