#include "contact_sheet.hpp"

#include <algorithm>
#include <system_error>

#include "common/exit_codes.hpp"
#include "draw/plate.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/page.hpp"
#include "mien/image/jpeg.hpp"
#include "mien/image/resize.hpp"
#include "replaced.hpp"

namespace ferpredict {
namespace {

namespace fs = std::filesystem;
using mien::Index;
using mien::eval::escape_html;
using mien::image::RgbImage;

constexpr Index kThumbnail = 128;  // pixels an edge: twice of what is shown, for fine screens
constexpr int kQuality = 85;
constexpr double kAround = 1.3;  // times the longer edge of a face

struct Square {
  Index x, y, edge;
};

// Around the face, moved so that it lies within the image where that is large enough.
Square square_of(const FacePrediction& face, const RgbImage& image, bool searched) {
  if (!searched) return {0, 0, std::max(image.width, image.height)};
  const Index by = image.reduction.by, width = face.width / by, height = face.height / by;
  const Index wanted = static_cast<Index>(kAround * static_cast<double>(std::max(width, height)));
  const Index edge = std::clamp<Index>(wanted, 1, std::max(image.width, image.height));
  const auto place = [&](Index middle, Index length) {
    return std::clamp<Index>(middle - edge / 2, 0, std::max<Index>(length - edge, 0));
  };
  return {place(face.x / by + width / 2, image.width), place(face.y / by + height / 2, image.height), edge};
}

// One channel of the square; what lies beyond the image repeats its edge.
mien::image::GrayImage plane_of(const RgbImage& image, const Square& square, Index channel) {
  mien::image::GrayImage plane{square.edge, square.edge, {}};
  plane.pixels.reserve(static_cast<std::size_t>(square.edge * square.edge));
  for (Index y = 0; y < square.edge; ++y) {
    const Index row = std::min(square.y + y, image.height - 1);
    for (Index x = 0; x < square.edge; ++x) {
      const Index column = std::min(square.x + x, image.width - 1);
      plane.pixels.push_back(
          image.pixels[static_cast<std::size_t>((row * image.width + column) * 3 + channel)]);
    }
  }
  return plane;
}

std::string thumbnail(const RgbImage& image, const Square& square, const std::string& what) {
  const Index edge = std::min(square.edge, kThumbnail);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(edge * edge * 3));
  for (Index channel = 0; channel < 3; ++channel) {
    const auto small = mien::image::resize(plane_of(image, square, channel), edge, edge);
    for (std::size_t i = 0; i < small.pixels.size(); ++i) {
      pixels[3 * i + static_cast<std::size_t>(channel)] = small.pixels[i];
    }
  }
  const std::string size = std::to_string(edge);
  return "<img alt=\"" + escape_html(what) + "\" width=\"" + size + "\" height=\"" + size +
         "\" src=\"data:image/jpeg;base64," +
         mien::base64(mien::image::encode_jpeg(edge, edge, 3, pixels, kQuality)) + "\">";
}

std::string file_name(const std::string& image) {
  return image == kStdin ? "stdin" : fs::path(image).filename().string();
}

std::string css(const draw::Color& color) {
  return "rgb(" + std::to_string(color.red) + "," + std::to_string(color.green) + "," +
         std::to_string(color.blue) + ")";
}

std::string counted(std::size_t count, const std::string& what) {
  return mien::grouped(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string relative_link(const fs::path& page, const fs::path& image) {
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(page), error).parent_path();
  const fs::path target = fs::weakly_canonical(fs::absolute(image), error);
  static constexpr std::string_view kPlain = "-_.~/";
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string link;
  for (const char c : target.lexically_proximate(folder).string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != kPlain.npos) {
      link += c;
    } else {
      link += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return link;
}

ContactSheet::ContactSheet(const Arguments& a, const std::vector<Model>& models,
                           const std::vector<ImageInput>& inputs)
    : file_(a.html) {
  if (a.html.empty()) return;
  require_folder_of("--html", a.html);
  refuse_to_replace(sources_of(a, models, inputs), "--html " + a.html, {a.html}, "file");
}

void ContactSheet::add(std::span<const std::uint8_t> bytes, const Prediction& prediction,
                       const OutputContext& context, PictureDecoder& decoder) {
  ++images_;
  searched_ = searched_ || prediction.searched;
  if (!prediction.error.empty() || prediction.faces.empty()) {
    others_.emplace_back(prediction.image, prediction.error.empty() ? "no face found" : "not read");
    return;
  }
  RgbImage image;
  try {
    image = decoder.rgb(bytes, prediction.image, {});
  } catch (const mien::DataError& error) {
    apps::print_error(error.what());
    others_.emplace_back(prediction.image, "not shown");
    return;
  }
  const auto [called, fresh] = called_.try_emplace(file_name(prediction.image), prediction.image);
  if (!fresh && called->second != prediction.image) shared_.insert(called->first);
  for (const FacePrediction& face : prediction.faces) {
    const std::size_t first = face.ranking().front();
    entries_.push_back({prediction.image, first, face.probabilities[first],
                        thumbnail(image, square_of(face, image, prediction.searched),
                                  shown_name(context.labels[first], context))});
  }
}

// Images of several folders may have one file name.
std::string ContactSheet::name_of(const std::string& image) const {
  const std::string name = file_name(image);
  return image != kStdin && shared_.contains(name) ? image : name;
}

std::string ContactSheet::link_to(const std::string& image, const std::string& what) const {
  if (image == kStdin) return what;
  return "<a href=\"" + relative_link(file_, image) + "\">" + what + "</a>";
}

std::string ContactSheet::group(std::size_t expression, const OutputContext& context) const {
  std::vector<const Entry*> entries;
  for (const Entry& entry : entries_) {
    if (entry.expression == expression) entries.push_back(&entry);
  }
  if (entries.empty()) return {};
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry* a, const Entry* b) { return a->probability > b->probability; });
  const std::string& label = context.labels[expression];
  std::string text = "<section>\n<h2><i class=\"dot\" style=\"background:" + css(draw::accent_color(label)) +
                     "\"></i>" + escape_html(shown_name(label, context)) + " <small class=\"note\">" +
                     mien::grouped(entries.size()) + "</small></h2>\n<div class=\"faces\">\n";
  for (const Entry* entry : entries) {
    text += "<figure>" + link_to(entry->image, entry->html) + "<figcaption>" +
            mien::format_fixed(100.0 * double{entry->probability}, 0) + " % <span>" +
            link_to(entry->image, escape_html(name_of(entry->image))) + "</span></figcaption></figure>\n";
  }
  return text + "</div>\n</section>\n";
}

std::string ContactSheet::others(const OutputContext& context) const {
  if (others_.empty()) return {};
  std::string text = "<div class=\"wide\"><table class=\"words\">\n";
  for (const auto& [image, why] : others_) {
    text += "<tr><th scope=\"row\">" + link_to(image, escape_html(image)) + "</th><td>" + escape_html(why) +
            "</td></tr>\n";
  }
  return mien::eval::section(reads_whole(context) ? "Without an answer" : "Without a face",
                             text + "</table></div>\n");
}

std::string ContactSheet::title(const OutputContext& context) const {
  if (!reads_whole(context)) return counted(entries_.size(), "face") + " in " + counted(images_, "image");
  const std::string all = counted(images_, "picture");
  return others_.empty() ? all : mien::grouped(entries_.size()) + " of " + all;
}

void ContactSheet::write(const OutputContext& context) const {
  std::string body =
      "<header><h1>" + title(context) + "</h1>\n<p class=\"note\">" +
      (context.whole_pictures ? "" : "What is read is the expression a face shows, not what a person feels. ") +
      "The surest come first.</p></header>\n";
  for (std::size_t c = 0; c < context.labels.size(); ++c) body += group(c, context);
  mien::write_file_atomically(file_,
                              mien::eval::html_page({.title = title(context), .body = body + others(context)}));
  apps::print_error(file_.string() + ": " + title(context));
}

}  // namespace ferpredict
