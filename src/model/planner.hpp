// Puts layers into their places one by one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "mien/model/graph.hpp"

namespace mien::model {

/// What is wrong with a layer whose value goes nowhere.
inline constexpr const char* kUnread = "nothing reads its value: neither a layer behind it nor an output";

class Planner {
 public:
  /// Throws ArgumentError for an input beyond the limits. Of the spec only the input is read.
  explicit Planner(const ModelSpec& spec);

  /// Throws ArgumentError as plan() does.
  void add(const Layer& layer);
  /// `outputs` are tags; none: the last layer's value. Values may be left that nobody reads.
  Graph finish(const std::vector<std::string>& outputs) &&;

 private:
  void set_tag(const std::string& tag, int node);
  int find(const std::string& where, const std::string& tag) const;
  std::vector<int> inputs_of(const Layer& layer, const std::string& name) const;

  Graph graph_;
  std::map<std::string, int, std::less<>> tags_;
  std::map<std::string_view, int> ordinals_;  // of each kind
  std::int64_t weights_ = 0;
};

/// What a layer's fields look like to one who wants none of them; visitors hide what they do want.
struct NoFields {
  template <typename Number>
  void number(const NumberName&, const Number&, const Limits<Number>&) const {}
  template <typename Number>
  void option(std::string_view, const NumberName&, const Number&, const Limits<Number>&) const {}
  void window(const NumberName&, const WindowSize&, const Limits<Index>&) const {}
  void padding(const Padding&) const {}
  void without(std::string_view, const bool&) const {}
  void rest_may_be_absent() const {}
  void value(std::string_view, const std::string&) const {}
  void values(std::string_view, const std::vector<std::string>&) const {}
};

/// Reads a text, or the beginning of one, as ModelSpec::from_text does; but values may be left that nobody
/// reads.
void check_beginning(std::string_view text, std::string_view source);

/// The names of the values that a layer reads besides the one before it.
std::vector<std::string> named_values(const LayerSpec& layer);

}  // namespace mien::model
