// JSON values, a strict parser (RFC 8259) and a writer.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mien {

class Json;

/// A template only because Json holds members while it is itself not complete yet.
template <typename Value>
struct BasicJsonMember {
  std::string key;
  Value value;
  friend bool operator==(const BasicJsonMember& a, const BasicJsonMember& b) = default;
};
/// A member of an object: its key and its value.
using JsonMember = BasicJsonMember<Json>;

/// One value. Integers stay integers: a number written without fraction and exponent is an int64, any
/// other is a double, and the two kinds never compare equal. Objects keep the order of their members.
class Json {
 public:
  /// What a value may be.
  enum class Kind { null, boolean, integer, number, string, array, object };
  /// The values of an array.
  using Array = std::vector<Json>;
  /// The members of an object, in their order.
  using Object = std::vector<JsonMember>;

  Json() = default;
  Json(std::nullptr_t) {}
  /// A template, so that a pointer does not quietly become `true`.
  template <std::same_as<bool> Bool>
  Json(Bool value) : value_(value) {}
  /// Throws ArgumentError when `value` does not fit int64.
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>) Json(Integer value)
      : value_(checked_integer(value, std::in_range<std::int64_t>(value))) {}
  Json(char) = delete;
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::null; }

  /// The value as the kind asked for. Throws DataError `<where>: expected a string, found an array`.
  bool as_bool(std::string_view where = "json") const;
  /// The same for an integer.
  std::int64_t as_integer(std::string_view where = "json") const;
  /// An integer too, rounded to the nearest double when it is beyond 2^53.
  double as_number(std::string_view where = "json") const;
  /// The same for a string.
  const std::string& as_string(std::string_view where = "json") const;
  /// The same for an array.
  const Array& as_array(std::string_view where = "json") const;
  /// The same for an object.
  const Object& as_object(std::string_view where = "json") const;

  /// The member called `key`; nullptr when there is none or this is not an object. Linear in the members.
  const Json* find(std::string_view key) const;
  /// As find, but throws DataError `<where>: missing "key"`, or when this is not an object.
  const Json& at(std::string_view key, std::string_view where = "json") const;
  /// Adds a member, or replaces its value. Null becomes an object; throws ArgumentError for other kinds.
  Json& set(std::string_view key, Json value);
  /// Appends to an array. Null becomes an array; throws ArgumentError for other kinds.
  Json& append(Json value);

  /// Objects are equal when their members are equal in the same order.
  friend bool operator==(const Json& a, const Json& b);

 private:
  template <std::integral Integer>
  static std::int64_t checked_integer(Integer value, bool fits) {
    if (!fits) throw_integer_range();
    return static_cast<std::int64_t>(value);
  }
  [[noreturn]] static void throw_integer_range();

  // In the order of Kind.
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// The number, or null for NaN and infinities, which JSON has no text for.
Json finite_or_null(double value);

/// What a text may make the parser build. A value takes at most about 250 bytes beside its text.
struct JsonLimits {
  std::size_t max_depth = 64;        ///< arrays and objects inside one another
  std::size_t max_values = 1000000;  ///< all values of the text, containers included
};

/// Parses one JSON text. Throws DataError `<source>:<line>:<column>: expected ...`, columns counted in
/// characters from 1, for: anything RFC 8259 does not allow (a byte order mark, bytes behind the value and
/// bytes that are not UTF-8 included), lone surrogates, a key twice in an object, integers beyond int64,
/// numbers beyond double, texts beyond `limits`. "-0" becomes a double: int64 has no such value.
Json parse_json(std::string_view text, std::string_view source, const JsonLimits& limits = {});

/// How to_json writes.
struct JsonFormat {
  bool pretty = false;  ///< one value a line, indented by two spaces; compact otherwise
  bool ascii = true;    ///< characters beyond ASCII as `\uXXXX`; as UTF-8 otherwise
};

/// The text of a value; parse_json reads it back as an equal value. Doubles take their shortest exact form,
/// with ".0" where it would read as an integer. Throws ArgumentError for NaN, infinities and strings that
/// are not UTF-8.
std::string to_json(const Json& value, const JsonFormat& format = {});

}  // namespace mien
