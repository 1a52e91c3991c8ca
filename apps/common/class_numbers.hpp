// The option --classes of both programs.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"

namespace apps {

/// The words of the option go to `words`, for mien::data::ClassNumbers.
inline CLI::Option* add_class_numbers(CLI::App& app, std::vector<std::string>& words) {
  return app
      .add_option("--classes", words,
                  "What numbers of classes mean, from 0 on: names, or NUMBER=NAME; default: in --csv FER2013's "
                  "angry,disgust,fear,happy,sad,surprise,neutral, in --data the numbers")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LIST");
}

/// Throws mien::ArgumentError where --classes would be passed over.
inline void require_numbered_classes(const mien::data::Dataset& dataset,
                                     const mien::data::ClassNumbers& classes) {
  if (classes.words().empty() || dataset.numbers_classes) return;
  throw mien::ArgumentError("--classes requires data that number their classes, and " + dataset.source +
                            " names them");
}

}  // namespace apps
