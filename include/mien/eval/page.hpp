// Pages to be looked at in a browser: one file each that asks nothing of anybody else, is read without scripts,
// on a phone and on a desk, in light and dark.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/eval/evaluate.hpp"
#include "mien/image/image.hpp"

namespace mien::eval {

/// `text` for use between tags and in attributes. What XML 1.0 cannot hold becomes U+FFFD.
std::string escape_html(std::string_view text);

/// A page of HTML.
struct Page {
  std::string title;       ///< of the window, as text
  std::string body;        ///< HTML
  int reload_seconds = 0;  ///< it asks for itself anew after so many; 0: never
};

/// The whole document, with its style.
std::string html_page(const Page& page);

/// `<section>` with a heading, which is text; `body` is HTML.
std::string section(std::string_view heading, std::string_view body);
/// A number with its name and what stands beside it, all text, for a `<dl class="figures">`.
std::string figure_html(std::string_view name, std::string_view value, std::string_view beside = {});
/// Cells as text, the first row as the heading; columns behind the first are numbers unless `words`.
std::string html_table(std::span<const std::vector<std::string>> rows, bool words = false);
/// `<img>` with the picture in it as PNG: a plane of gray, or those of red, green and blue one behind the
/// other.
std::string picture(Index width, Index height, std::span<const std::uint8_t> planes, std::string_view what);

/// A row that was taken for another class than its own.
struct Mistake {
  std::size_t place = 0;  ///< among the rows that were evaluated
  int label = 0;
  int predicted = 0;
  double probability = 0;  ///< of what it was taken for
};

/// The `most` with the largest probabilities, the surest first; of equal ones those that come first.
std::vector<Mistake> worst_mistakes(const Evaluation& evaluation, std::size_t most);

/// The measures of an evaluation: figures, confusion, a table of the classes, and calibration. Of more than 30
/// classes those that are confused most often stand for the confusion.
std::string evaluation_html(const Evaluation& evaluation);

/// The surest mistakes with their pictures; `rows` are those that were evaluated.
std::string mistakes_html(const Evaluation& evaluation, const data::Dataset& dataset,
                          std::span<const std::uint32_t> rows, std::size_t most = 24);

}  // namespace mien::eval
