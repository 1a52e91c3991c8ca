// Reads FER2013 as its CSV files hold it: fer2013.csv (emotion,pixels,Usage), icml_face_data.csv
// (emotion, Usage, pixels) and the competition's train.csv (emotion,pixels), plain or packed with gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "mien/data/classes.hpp"
#include "mien/data/dataset.hpp"

namespace mien::data {

/// What a hostile file may cost.
struct CsvOptions {
  std::size_t max_line_bytes = std::size_t{1} << 16;  ///< a row of 2,304 pixels takes at most 9,300
  std::size_t max_bytes = 0x7fffffff;                 ///< of text; the real file has 301,072,766
  ClassNumbers classes = {};                          ///< what numbers in `emotion` stand for
};

/// The first line names the columns, in any order and letter case, with or without spaces around; columns of
/// other names are passed over. `emotion` is 0 to 6 (3.0 is 3) or a name that class folders may have, `pixels`
/// 2,304 integers 0 to 255 with spaces between, `Usage` Training, PublicTest or PrivateTest, or another name
/// that split folders may have (see folders.hpp): Test is PrivateTest. Quoted fields, CRLF, a UTF-8 byte order
/// mark and empty lines at the end are fine. Without PublicTest rows a tenth of each class of Training becomes
/// that, picked by a hash of the pixels, and a note says so; without the column `Usage` all rows are Training
/// before (and names_splits is false). Rows of contempt, for which FER2013 has no class, are passed over, and a
/// note says how many. Lines are parsed in parallel; neither the result nor the error depends
/// on threads. Throws DataError for the first line that is not so, as `path:line:column: what` (column: byte of
/// the line, from 1), or `path: what` for the file as a whole, such as an archive, which is named with the
/// command that unpacks it. Memory: 2,306 bytes a row, and the text if packed.
Dataset read_fer2013_csv(const std::string& path, const CsvOptions& options = {});

/// The same for a file that is in memory; `name` stands for the path in errors.
Dataset parse_fer2013_csv(std::span<const std::uint8_t> bytes, const std::string& name,
                          const CsvOptions& options = {});

}  // namespace mien::data
