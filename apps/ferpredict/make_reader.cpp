#include "make_reader.hpp"

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

std::string margin_text(const Model& model) {
  return mien::format_number(mien::shortest_decimal(model.file.face_margin));
}

// The reader says so, too, but knows neither the files nor the option.
void check_margins(const mien::reader::ReaderOptions& options, const std::vector<Model>& models) {
  if (options.margin || options.search == mien::reader::Search::none) return;
  const Model& first = models.front();
  for (const Model& model : models) {
    if (model.file.face_margin == first.file.face_margin) continue;
    throw mien::DataError(first.path + " and " + model.path + " want different margins around a face, " +
                          margin_text(first) + " and " + margin_text(model) +
                          "; choose one with --face-margin");
  }
}

}  // namespace

mien::reader::FaceReader make_reader(const Arguments& a, const std::vector<Model>& models, bool fall_back) {
  check_takes_gray(models);
  check_margins(a.faces, models);
  mien::reader::ReaderOptions options = a.faces;
  options.fall_back = fall_back;
  options.views = a.tta;
  return mien::reader::FaceReader(files_of(models), options);
}

}  // namespace ferpredict
