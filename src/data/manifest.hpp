// Pictures that a table names: file,label[,split].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/class_collector.hpp"
#include "data/picture_files.hpp"

namespace mien::data::detail {

struct Manifest {
  std::vector<PictureFile> files;  ///< labels are the collector's numbers
  bool names_splits = false;
};

/// The text of the manifest at `path`. Throws DataError, `path:line:column: what`.
Manifest read_manifest(std::string_view text, const std::string& path, ClassCollector& classes);

}  // namespace mien::data::detail
