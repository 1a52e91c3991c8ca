#include "picture_names.hpp"

#include <filesystem>
#include <map>
#include <set>

#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

// No two alike, on systems that take A.png and a.png for the same, too.
class Names {
 public:
  std::string add(const std::string& stem, const std::string& ending) {
    std::string name = stem + ending;
    int& number = numbers_.try_emplace(mien::lower(name), 1).first->second;
    while (!taken_.insert(mien::lower(name)).second) {
      name = stem;
      name.append("-").append(std::to_string(++number)).append(ending);
    }
    return name;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> numbers_;  ///< of the last picture of a name
};

}  // namespace

PictureFormat picture_format(const std::string& file) {
  const std::string ending = mien::lower(std::filesystem::path(file).extension().string());
  if (ending == ".png") return PictureFormat::png;
  return ending == ".jpg" || ending == ".jpeg" ? PictureFormat::jpeg : PictureFormat::unknown;
}

std::vector<std::string> picture_names(const std::vector<std::string>& images) {
  Names names;
  std::vector<std::string> result;
  for (const std::string& image : images) {
    const std::filesystem::path path = image == "-" ? "stdin" : image;
    const bool kept = picture_format(image) != PictureFormat::unknown;
    result.push_back(names.add(path.stem().string(), kept ? path.extension().string() : ".png"));
  }
  return result;
}

}  // namespace ferpredict
