// The classes of data that may be of any, as they are met.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mien/data/classes.hpp"

namespace mien::data::detail {

/// Classes in their order, and which of them each number that the collector gave is.
struct CollectedClasses {
  std::vector<std::string> names;
  std::vector<std::uint8_t> labels;
};

class ClassCollector {
 public:
  /// `numbers` gives names to classes that the data call by numbers; without words of its own numbers are
  /// names.
  explicit ClassCollector(const ClassNumbers& numbers) : numbers_(numbers) {}

  /// Throws what the data's reader throws for a value: DataError that names its place and what is wrong.
  using Fail = std::function<void(const std::string& what)>;

  /// The collector's number of the class of that name. Fails for what is no name, a number without one, and
  /// more than kMostClasses.
  std::uint8_t add(std::string_view name, const Fail& fail);
  /// Whether --classes has named any.
  bool uses_numbers() const { return uses_numbers_; }

  /// Expressions get FER2013's names and order, contempt behind them, whatever near words the data have for
  /// them; anything else stays as it is, numbers by their size, other names by their bytes. Throws DataError,
  /// naming `source`, for names that differ in case alone.
  CollectedClasses finish(const std::string& source) const;

 private:
  const ClassNumbers& numbers_;
  std::map<std::string, std::uint8_t, std::less<>> found_;
  bool uses_numbers_ = false;
};

}  // namespace mien::data::detail
