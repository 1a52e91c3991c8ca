// What data sets call the parts and classes they consist of: one table for folders and for the fields of a CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mien/data/dataset.hpp"

namespace mien::data::detail {

/// train, training; val, valid, validation, dev, public_test; test, testing, private_test. Case, '_', '-' and
/// blanks do not count, nor does "fer2013" in front (FER2013Train).
std::optional<Split> split_named(std::string_view name);

/// FER2013's names and near words: anger, fearful, happiness, ... Case, '_', '-' and blanks do not count, nor
/// does a number in front (0_angry).
std::optional<std::uint8_t> class_named(std::string_view name);

/// An expression that other data sets tell apart and FER2013 does not: contempt.
bool is_other_expression(std::string_view name);
/// As class_named, and 7 for contempt.
std::optional<std::uint8_t> expression_named(std::string_view name);
/// What is passed over for that reason, behind its number.
inline constexpr std::string_view kOtherFaces = "images of contempt, for which FER2013 has no class";

/// "angry, disgust, fear, happy, sad, surprise, neutral".
std::string_view known_classes();

/// 0 .. 99 as a data set writes a class: "3", "03", "3.0".
std::optional<unsigned> class_number(std::string_view text);

}  // namespace mien::data::detail
