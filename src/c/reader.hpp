// What stands behind the handles of mien/c.h.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "mien/c.h"
#include "mien/model/model_file.hpp"
#include "mien/reader/emoticons.hpp"
#include "mien/reader/face_reader.hpp"

struct mien_reader {
  std::vector<std::string> labels;
  std::array<std::vector<std::string>, 3> names;  ///< a mien::reader::Language each
  mien::reader::Emoticons emoticons;
  mien::reader::FaceReader faces;
};

struct mien_reading {
  mien::reader::Reading reading;
};
