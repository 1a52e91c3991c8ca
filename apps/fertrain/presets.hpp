// --preset: a network, a recipe and a length that go well together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fertrain {

struct Preset {
  std::string_view name;   ///< what --preset takes
  std::string_view model;  ///< what it stands for: --model, --recipe and --epochs or --steps
  std::string_view recipe;
  std::uint64_t epochs, steps;  ///< one of them, the other 0
  std::string_view right;       ///< of FER2013's PublicTest (data/models/README.md); empty: not for it
  std::string_view time;        ///< after how long
};

/// The first one is what a run without --preset, --model and --recipe is.
std::span<const Preset> presets();

/// Throws mien::ArgumentError for a name that presets() lacks.
const Preset& preset_named(std::string_view name);

/// What a run that has named neither network nor recipe could be instead: a line.
std::string other_presets();

}  // namespace fertrain
