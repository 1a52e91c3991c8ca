// Gray pictures whose pixels stand in a CSV file, of any classes.
#pragma once

#include <string>
#include <string_view>

#include "data/class_collector.hpp"
#include "mien/data/dataset.hpp"

namespace mien::data::detail {

/// A row of the largest pictures.
inline constexpr std::size_t kLongestTableLine = std::size_t{5} << 20;

/// The table `text`, called `name` in errors, as open_pictures() says, each picture at its own size.
Dataset read_table(std::string_view text, const std::string& name, const ClassNumbers& numbers);

}  // namespace mien::data::detail
