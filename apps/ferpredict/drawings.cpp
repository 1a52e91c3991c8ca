#include "drawings.hpp"

#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include "common/exit_codes.hpp"
#include "common/same_file.hpp"
#include "drawing.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "picture_names.hpp"
#include "replaced.hpp"

namespace ferpredict {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& name) {
  std::error_code ignored;
  return name.ends_with('/') || fs::is_directory(name, ignored);
}

// Names in a folder are none that the user has chosen: beside an image may be another one that has its
// picture's.
void refuse_folder_of_inputs(const std::string& draw, const std::vector<ImageInput>& inputs) {
  for (const ImageInput& input : inputs) {
    if (input.path == kStdin) continue;
    const std::string parent = fs::path(input.path).parent_path().string();
    if (!apps::same_file(parent.empty() ? "." : parent, draw)) continue;
    throw mien::ArgumentError("--draw " + draw + ": " + input.path +
                              " is in this folder, and a picture might replace another image there; name "
                              "another folder");
  }
}

std::vector<std::string> files_in(const std::string& folder, const std::vector<ImageInput>& inputs) {
  std::vector<std::string> names;
  for (const ImageInput& input : inputs) names.push_back(input.path);
  names = picture_names(names);
  for (std::string& name : names) name = (fs::path(folder) / name).string();
  return names;
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw mien::DataError(folder + ": " + error.message());
}

}  // namespace

Drawings::Drawings(const Arguments& a, const std::vector<Model>& models, const std::vector<ImageInput>& inputs)
    : place_(a.draw) {
  if (a.draw.empty()) return;
  points_ = a.draw_points;
  const bool folder = is_folder(a.draw);
  if (!folder && inputs.size() != 1) {
    throw mien::ArgumentError("--draw takes one image, got " + std::to_string(inputs.size()) +
                              "; several go into a folder, --draw " +
                              fs::path(a.draw).replace_extension().string() + "/");
  }
  if (folder) make_folder(a.draw);  // first: until new/../ is there, what is behind it cannot be looked at
  files_ = folder ? files_in(a.draw, inputs) : std::vector<std::string>{a.draw};
  refuse_to_replace(sources_of(a, models, inputs), "--draw " + a.draw, files_, folder ? "folder" : "file");
  if (folder) refuse_folder_of_inputs(a.draw, inputs);
  if (!folder && picture_format(a.draw) == PictureFormat::unknown) {
    throw mien::ArgumentError("--draw " + a.draw +
                              ": expected a name that ends in .png, .jpg or .jpeg, or a "
                              "folder's, which ends in /");
  }
  if (!folder) require_folder_of("--draw", a.draw);
}

bool Drawings::write(std::size_t i, const DecodedImage& image, const Prediction& prediction,
                     const OutputContext& context, PictureDecoder& decoder) {
  try {
    write_drawing(files_.at(i), image.bytes, prediction, context, decoder, points_);
    ++written_;
    return true;
  } catch (const mien::DataError& error) {
    apps::print_error(error.what());
  } catch (const std::bad_alloc&) {
    apps::print_error(files_.at(i) + ": out of memory");
  }
  return false;
}

void Drawings::announce() const {
  if (written_ == 0) return;
  apps::print_error(place_ + ": " + mien::grouped(written_) + (written_ == 1 ? " picture" : " pictures") +
                    " drawn");
}

}  // namespace ferpredict
