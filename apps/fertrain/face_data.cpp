// Photos whose faces are marked.
#include <array>

#include "mien/core/error.hpp"
#include "mien/core/random.hpp"
#include "mien/core/text.hpp"
#include "mien/data/face_canvas.hpp"
#include "mien/eval/detection.hpp"
#include "mien/eval/samples.hpp"
#include "mien/train/resume.hpp"
#include "training_data.hpp"

namespace fertrain {
namespace {

using mien::data::Split;
using mien::train::DataIdentity;
using mien::train::RunFolder;

class FaceData : public TrainingData {
 public:
  explicit FaceData(const Arguments& a)
      : photos_(mien::data::open_face_photos(a.faces)),
        training_rows_(photos_.indices(Split::training)),
        options_(a.options) {
    const bool plateau = a.resume.empty() && a.options.schedule.kind == mien::optim::ScheduleKind::plateau;
    const bool patience = a.asked.patience.value_or(0) > 0;
    if (photos_.indices(Split::public_test).empty() && (plateau || patience)) {
      throw mien::ArgumentError(std::string(plateau ? "--schedule plateau" : "--patience") +
                                " requires photos to validate on, and " + photos_.source +
                                " names too few for that");
    }
  }

  const std::vector<std::uint32_t>& training_rows() const override { return training_rows_; }
  std::vector<std::uint32_t> rows(Split split) const override { return photos_.indices(split); }
  const std::vector<std::string>& notes() const override { return photos_.notes; }
  std::string report_on_data() const override {
    std::string text;
    for (const std::string& note : photos_.notes) text += mien::printable(note) + "\n";
    return text + std::to_string(training_rows_.size()) + " photos to learn from, " +
           std::to_string(rows(Split::public_test).size()) + " to validate on\n";
  }
  DataIdentity identity() const override { return mien::train::identify(photos_); }
  DataIdentity same(const DataIdentity& saved) const override { return mien::train::same_data(saved, photos_); }
  std::vector<std::string> classes() const override { return {}; }
  void fit_network(mien::train::TrainOptions&) const override {}  // takes photos of any size
  std::unique_ptr<mien::train::Task> task(const mien::train::TrainOptions& options) const override {
    return mien::train::face_task(options, photos_, training_rows_);
  }
  void write_samples(RunFolder& folder) const override;
  std::vector<Measured> measure(const mien::model::ModelFile& model, RunFolder& folder, Progress& progress,
                                const std::string& kept) const override {
    const std::vector<std::uint32_t> measured = rows(Split::public_test);
    if (measured.empty() || !mien::train::slides(options_)) return {};
    progress.doing("measuring");
    const mien::eval::DetectionReport report = [&] {
      try {
        mien::face::NetworkDetector detector(model);
        return mien::eval::measure_detector(photos_, measured, detector,
                                            {.min_score = mien::shortest_decimal(model.face_grid->min_score)});
      } catch (const mien::DataError& error) {  // outputs that are not finite
        throw mien::DivergedError("[train] " + kept + ": " + error.what());
      }
    }();
    progress.clear_line();
    folder.write_text("report.json", mien::to_json(mien::eval::to_json(report), {.pretty = true}) + "\n");
    say(folder, mien::eval::summary(report) + ", " + kept);
    return {};
  }

 private:
  mien::data::FacePhotos photos_;
  std::vector<std::uint32_t> training_rows_;
  mien::train::TrainOptions options_;
};

// Canvases as the network is shown them.
void FaceData::write_samples(RunFolder& folder) const {
  constexpr std::size_t kRows = 3, kColumns = 4;
  const mien::data::CanvasOptions options = mien::train::canvas_options(options_);
  const std::size_t count = mien::train::slides(options_) ? mien::data::kCanvasPhotos : 1;
  std::vector<mien::data::FaceCanvas> canvases;
  for (std::size_t i = 0; i < kRows * kColumns; ++i) {
    std::array<const mien::data::FacePhoto*, mien::data::kCanvasPhotos> photos;
    mien::RandomStream random(options_.seed, mien::RandomPurpose::user, i);
    for (const auto*& photo : photos) {
      const std::uint32_t place = random.next_below(static_cast<std::uint32_t>(training_rows_.size()));
      photo = &photos_.photos[training_rows_[place]];
    }
    canvases.push_back(mien::data::make_canvas(std::span(photos).first(count), options, random));
  }
  std::vector<mien::eval::SampleRow> sheet(kRows);
  for (std::size_t i = 0; i < canvases.size(); ++i) sheet[i / kColumns].images.push_back(canvases[i].pixels);
  mien::eval::write_samples_png(folder.path() / "samples.png", {options.edge, options.edge}, sheet);
}

}  // namespace

std::unique_ptr<TrainingData> face_data(const Arguments& a) {
  return std::make_unique<FaceData>(a);
}

}  // namespace fertrain
