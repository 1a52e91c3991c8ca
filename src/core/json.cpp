#include "mien/core/json.hpp"

#include <algorithm>
#include <cmath>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien {

namespace {

std::string_view describe(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::integer:
      return "an integer";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::string:
      return "a string";
    case Json::Kind::array:
      return "an array";
    case Json::Kind::object:
      return "an object";
  }
  return "nothing";
}

[[noreturn]] void throw_wrong_kind(std::string_view where, Json::Kind wanted, Json::Kind found) {
  throw DataError(std::string(where) + ": expected " + std::string(describe(wanted)) + ", found " +
                  std::string(describe(found)));
}

}  // namespace

void Json::throw_integer_range() {
  throw ArgumentError("[json] an integer beyond the range of int64");
}

bool Json::as_bool(std::string_view where) const {
  if (const auto* value = std::get_if<bool>(&value_)) return *value;
  throw_wrong_kind(where, Kind::boolean, kind());
}

std::int64_t Json::as_integer(std::string_view where) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  throw_wrong_kind(where, Kind::integer, kind());
}

double Json::as_number(std::string_view where) const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  throw_wrong_kind(where, Kind::number, kind());
}

const std::string& Json::as_string(std::string_view where) const {
  if (const auto* value = std::get_if<std::string>(&value_)) return *value;
  throw_wrong_kind(where, Kind::string, kind());
}

const Json::Array& Json::as_array(std::string_view where) const {
  if (const auto* value = std::get_if<Array>(&value_)) return *value;
  throw_wrong_kind(where, Kind::array, kind());
}

const Json::Object& Json::as_object(std::string_view where) const {
  if (const auto* value = std::get_if<Object>(&value_)) return *value;
  throw_wrong_kind(where, Kind::object, kind());
}

const Json* Json::find(std::string_view key) const {
  const auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) return nullptr;
  const auto found =
      std::find_if(members->begin(), members->end(), [&](const auto& m) { return m.key == key; });
  return found == members->end() ? nullptr : &found->value;
}

const Json& Json::at(std::string_view key, std::string_view where) const {
  as_object(where);
  if (const Json* value = find(key)) return *value;
  throw DataError(std::string(where) + ": missing " + quote(key));
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) value_ = Object();
  auto* members = std::get_if<Object>(&value_);
  if (members == nullptr)
    throw ArgumentError("[json] set needs an object, not " + std::string(describe(kind())));
  if (const Json* present = find(key)) {
    *const_cast<Json*>(present) = std::move(value);
  } else {
    members->push_back({std::string(key), std::move(value)});
  }
  return *this;
}

Json& Json::append(Json value) {
  if (is_null()) value_ = Array();
  auto* values = std::get_if<Array>(&value_);
  if (values == nullptr)
    throw ArgumentError("[json] append needs an array, not " + std::string(describe(kind())));
  values->push_back(std::move(value));
  return *this;
}

bool operator==(const Json& a, const Json& b) {
  return a.value_ == b.value_;
}

namespace {

class Writer {
 public:
  explicit Writer(const JsonFormat& format) : format_(format) {}

  void write(const Json& value) {
    switch (value.kind()) {
      case Json::Kind::null:
        out_ += "null";
        return;
      case Json::Kind::boolean:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Json::Kind::integer:
        out_ += std::to_string(value.as_integer());
        return;
      case Json::Kind::number:
        write_double(value.as_number());
        return;
      case Json::Kind::string:
        write_string(value.as_string());
        return;
      case Json::Kind::array:
        write_list('[', ']', value.as_array(), [&](const Json& element) { write(element); });
        return;
      case Json::Kind::object:
        write_list('{', '}', value.as_object(), [&](const JsonMember& member) {
          write_string(member.key);
          out_ += format_.pretty ? ": " : ":";
          write(member.value);
        });
        return;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  template <typename List, typename WriteElement>
  void write_list(char open, char close, const List& list, const WriteElement& write_element) {
    out_ += open;
    ++depth_;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ',';
      new_line();
      write_element(list[i]);
    }
    --depth_;
    if (!list.empty()) new_line();
    out_ += close;
  }

  void new_line() {
    if (!format_.pretty) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void write_double(double value) {
    if (!std::isfinite(value)) throw ArgumentError("[json] " + format_number(value) + " cannot be written");
    const std::string text = format_number(value);
    out_ += text;
    if (text != "-0" && text.find_first_of(".e") == std::string::npos) out_ += ".0";
  }

  void write_string(std::string_view text) {
    out_ += '"';
    for (std::string_view rest = text; !rest.empty();) {
      const auto plain =
          static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_plain) - rest.begin());
      out_ += rest.substr(0, plain);
      rest.remove_prefix(plain);
      if (rest.empty()) break;
      const CodePoint c = decode_utf8(rest);
      if (c.bytes == 0) throw ArgumentError("[json] the string " + quote(text) + " is not UTF-8");
      write_character(c.value, rest.substr(0, c.bytes));
      rest.remove_prefix(c.bytes);
    }
    out_ += '"';
  }

  /// What every format writes as it is.
  static bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

  void write_character(char32_t c, std::string_view bytes) {
    constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    const std::size_t index = c < 0x80 ? kEscaped.find(static_cast<char>(c)) : std::string_view::npos;
    if (index != std::string_view::npos) {
      out_ += '\\';
      out_ += kNames[index];
    } else if (c < 0x20 || c == 0x7f || (c > 0x7f && format_.ascii)) {
      write_escape(c);
    } else {
      out_ += bytes;
    }
  }

  void write_escape(char32_t c) {
    if (c >= 0x10000) {
      write_escape(0xd800 + ((c - 0x10000) >> 10));
      write_escape(0xdc00 + ((c - 0x10000) & 0x3ff));
      return;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_ += kDigits[(c >> shift) & 15];
  }

  JsonFormat format_;
  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

std::string to_json(const Json& value, const JsonFormat& format) {
  Writer writer(format);
  writer.write(value);
  return writer.take();
}

}  // namespace mien
