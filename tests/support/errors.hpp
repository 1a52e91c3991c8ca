// What went wrong, as text to compare.
#pragma once

#include <string>

#include "mien/core/error.hpp"

namespace mien::test {

/// The message of the error that `call` throws; "no error" when it throws none.
template <typename Exception = DataError, typename Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace mien::test
