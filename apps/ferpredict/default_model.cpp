#include "default_model.hpp"

#include <system_error>

#include "mien/core/error.hpp"

namespace ferpredict {

std::string default_model(const char* named, const std::vector<std::filesystem::path>& places) {
  if (named != nullptr && *named != '\0') return named;
  std::string looked;
  for (const std::filesystem::path& place : places) {
    std::error_code ignored;  // a place that cannot be looked at holds nothing
    if (std::filesystem::exists(place, ignored)) return place.string();
    looked += "\n  " + place.string();
  }
  throw mien::ArgumentError(
      "no model: name one with --model FILE (fertrain writes best.safetensors), or set MIEN_MODEL=FILE; none "
      "came with this program, it would be" +
      looked);
}

std::vector<std::filesystem::path> model_places(const std::filesystem::path& from_program,
                                                const std::filesystem::path& in_source_tree) {
  std::vector<std::filesystem::path> places;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) places.push_back((program.parent_path() / from_program).lexically_normal());
  places.push_back(in_source_tree);
  return places;
}

}  // namespace ferpredict
