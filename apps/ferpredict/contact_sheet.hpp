// --html: every face of many images on one page, by expression, or every picture by its class.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "images.hpp"
#include "models.hpp"
#include "output.hpp"
#include "picture_decoder.hpp"

namespace ferpredict {

class ContactSheet {
 public:
  /// Throws mien::ArgumentError where the page would replace an image, a model or what stdin reads, and
  /// mien::DataError where its folder is not there.
  ContactSheet(const Arguments& a, const std::vector<Model>& models, const std::vector<ImageInput>& inputs);

  bool wanted() const { return !file_.empty(); }
  /// Takes the faces of an image, whose file is in `bytes`; one that cannot be decoded in color is said to be
  /// not shown.
  void add(std::span<const std::uint8_t> bytes, const Prediction& prediction, const OutputContext& context,
           PictureDecoder& decoder);
  /// Says on stderr what it has written. Throws mien::DataError when the page cannot be written.
  void write(const OutputContext& context) const;

 private:
  struct Entry {
    std::string image;  ///< the path as given
    std::size_t expression;
    float probability;
    std::string html;  ///< <img>
  };

  std::string title(const OutputContext& context) const;
  bool reads_whole(const OutputContext& context) const { return context.whole_pictures && !searched_; }
  std::string link_to(const std::string& image, const std::string& what) const;
  std::string group(std::size_t expression, const OutputContext& context) const;
  std::string others(const OutputContext& context) const;
  std::string name_of(const std::string& image) const;

  std::filesystem::path file_;
  std::vector<Entry> entries_;
  std::vector<std::pair<std::string, std::string>> others_;  ///< images without a face, and why
  std::size_t images_ = 0;
  bool searched_ = false;                      ///< for faces
  std::map<std::string, std::string> called_;  ///< the first image of each file name
  std::set<std::string> shared_;               ///< file names of several images
};

/// The faces of a page link to their images: as seen from the page's folder, with % for what a link may not
/// hold.
std::string relative_link(const std::filesystem::path& page, const std::filesystem::path& image);

}  // namespace ferpredict
