#include "presets.hpp"

#include <algorithm>
#include <array>

#include "mien/core/error.hpp"
#include "mien/train/limits.hpp"

namespace fertrain {
namespace {

// As measured for data/models/README.md.
constexpr std::array kPresets = {
    Preset{"paper", "paper", "paper", mien::train::kDefaultEpochs, 0, "59 %", "15 minutes on two cores"},
    Preset{"small", "small", "best", 40, 0, "67 %", "37 minutes on one core"},
    Preset{"large", "large", "best", 60, 0, "68 %", "two hours on two cores"},
    Preset{"few", "small", "few", 0, 1000, "", ""},
};

}  // namespace

std::span<const Preset> presets() {
  return kPresets;
}

const Preset& preset_named(std::string_view name) {
  const auto* const found =
      std::find_if(kPresets.begin(), kPresets.end(), [&](const Preset& preset) { return preset.name == name; });
  if (found == kPresets.end()) throw mien::ArgumentError("no preset " + std::string(name));
  return *found;
}

std::string other_presets() {
  const auto reaches = [](const Preset& preset, const char* right) {
    return std::string(preset.right) + right + " after " + std::string(preset.time);
  };
  std::string text = "of FER2013 this network of a 2017 paper gets about " + reaches(kPresets[0], " right");
  for (const Preset& preset : presets().subspan(1)) {
    if (preset.right.empty()) continue;
    text += "; --preset " + std::string(preset.name) + " " + reaches(preset, "");
  }
  return text + "\n";
}

}  // namespace fertrain
