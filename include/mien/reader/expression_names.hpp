// What the seven expressions of FER2013 are called in other languages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mien::reader {

/// Languages in which expressions have names.
enum class Language : std::uint8_t { english, korean, chinese };

/// "en", "ko" or "zh". Throws ArgumentError for another one.
Language parse_language(std::string_view code);

/// The name of `label` as UTF-8; a label that is none of FER2013's is its own name in every language, and
/// English names are the labels.
std::string expression_name(std::string_view label, Language language);

}  // namespace mien::reader
