#include "make_reader.hpp"

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace ferpredict {
namespace {

std::string text(float number) {
  return mien::format_number(mien::shortest_decimal(number));
}

// The reader says so, too, but knows neither the files nor the option.
void check_agreement(const std::vector<Model>& models, float mien::model::ModelFile::*number, const char* what,
                     const char* option) {
  const Model& first = models.front();
  for (const Model& model : models) {
    if (model.file.*number == first.file.*number) continue;
    throw mien::DataError(first.path + " and " + model.path + " want different " + what + " around a face, " +
                          text(first.file.*number) + " and " + text(model.file.*number) + "; choose one with " +
                          option);
  }
}

}  // namespace

mien::reader::FaceReader make_reader(const Arguments& a, const std::vector<Model>& models, bool fall_back) {
  check_reads_faces(models);
  mien::reader::ReaderOptions options = a.faces.reader;
  const FaceModels face_models = face_model_files(a.faces);
  options.face_model = face_models.finder;
  options.point_model = face_models.closer;
  options.fall_back = fall_back;
  options.views = a.tta;
  const bool looks = options.search != mien::reader::Search::none;
  if (looks && options.face_model.empty() && !options.margin) {
    check_agreement(models, &mien::model::ModelFile::face_margin, "margins", "--face-margin");
  }
  if (looks && !options.face_model.empty() && !options.crop) {
    check_agreement(models, &mien::model::ModelFile::face_crop, "crops", "--face-crop");
  }
  return mien::reader::FaceReader(files_of(models), options);
}

}  // namespace ferpredict
