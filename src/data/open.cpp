#include "mien/data/open.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "data/csv_bytes.hpp"
#include "data/csv_header.hpp"
#include "data/manifest.hpp"
#include "data/picture_files.hpp"
#include "data/table.hpp"
#include "mien/core/file.hpp"
#include "mien/core/text.hpp"
#include "mien/data/fer2013.hpp"
#include "mien/data/folders.hpp"

namespace mien::data {
namespace {

constexpr std::size_t kMostBytes = 0x7fffffff;

bool is_folder(const std::string& path) {
  std::error_code ignored;  // a path that cannot be looked at is reported by the reader, with the reason
  return std::filesystem::is_directory(path, ignored);
}

bool is_table(std::string_view text, const std::string& path) {
  text = utf8_text(text, path);
  text = text.substr(0, std::min(text.find('\n'), std::size_t{1} << 16));
  if (trim(text).empty()) return false;  // which the manifest's reader says
  return detail::find_table_header(path, {text, 1, false}).has_value();
}

Dataset read_manifest_pictures(std::string_view text, const std::string& path, const ClassNumbers& numbers,
                               const PictureForm& form) {
  detail::ClassCollector collector(numbers);
  detail::Manifest manifest = detail::read_manifest(text, path, collector);
  detail::CollectedClasses classes = collector.finish(path);
  for (detail::PictureFile& file : manifest.files) file.label = classes.labels[file.label];
  Dataset dataset;
  dataset.source = path;
  dataset.classes = std::move(classes.names);
  dataset.names_splits = manifest.names_splits;
  dataset.numbers_classes = collector.uses_numbers();
  detail::arrange(manifest.files, dataset);
  detail::read_pictures(manifest.files, form, dataset);
  return dataset;
}

}  // namespace

Dataset open_dataset(const std::string& path, const ClassNumbers& numbers) {
  if (is_folder(path)) return read_image_folders(path, numbers);
  return read_fer2013_csv(path, {.classes = numbers});
}

Dataset open_pictures(const std::string& path, const ClassNumbers& numbers, const PictureForm& form) {
  check(form);
  if (is_folder(path)) return read_picture_folders(path, numbers, form);
  const MappedFile file = MappedFile::open(path, kMostBytes);
  const std::span<const std::byte> bytes = file.bytes();
  const std::span<const std::uint8_t> values(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return detail::with_csv_text(values, path, kMostBytes, [&](std::string_view text) {
    if (!is_table(text, path)) return read_manifest_pictures(text, path, numbers, form);
    Dataset dataset = detail::read_table(text, path, numbers);
    detail::bring_into(form, dataset);
    return dataset;
  });
}

}  // namespace mien::data
