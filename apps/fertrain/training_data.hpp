// The data of a run, of one kind or the other: what is learned from them, what is said about them, and how the
// weights that were kept are measured on them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/run_folder.hpp"
#include "progress.hpp"

namespace fertrain {

struct Measured {
  mien::data::Split split;
  mien::eval::Evaluation evaluation;
};

class TrainingData {
 public:
  virtual ~TrainingData() = default;

  virtual const std::vector<std::uint32_t>& training_rows() const = 0;
  virtual std::vector<std::uint32_t> rows(mien::data::Split split) const = 0;
  /// What args.json says of the data, beside how many of which split there are.
  virtual const std::vector<std::string>& notes() const = 0;
  /// What a person should know before training, line by line.
  virtual std::string report_on_data() const = 0;
  virtual mien::train::DataIdentity identity() const = 0;
  /// Throws DataError where a run began with other data.
  virtual mien::train::DataIdentity same(const mien::train::DataIdentity& saved) const = 0;
  /// What the network tells apart; none of faces to be found.
  virtual std::vector<std::string> classes() const = 0;
  /// A network that comes along becomes one for these data. Throws ArgumentError where that cannot be.
  virtual void fit_network(mien::train::TrainOptions& options) const = 0;
  virtual std::unique_ptr<mien::train::Task> task(const mien::train::TrainOptions& options) const = 0;
  virtual void write_samples(mien::train::RunFolder& folder) const = 0;

  /// Measures the kept weights as the inference runtime gives them: what the files say is what a user of the
  /// files gets. What is measured otherwise than by an evaluation is not returned. Throws DivergedError where
  /// that is not finite.
  virtual std::vector<Measured> measure(const mien::model::ModelFile& model, mien::train::RunFolder& folder,
                                        Progress& progress, const std::string& kept) const = 0;
  /// The surest mistakes among the rows of a split, as HTML; empty where there are no such.
  virtual std::string mistakes(const mien::eval::Evaluation&, mien::data::Split) const { return {}; }
};

/// Reads what --csv or --faces names. Throws as the readers do, for data that lack what is learned from, and
/// ArgumentError where something needs rows to validate on, and there are none.
std::unique_ptr<TrainingData> expression_data(const Arguments& a);
std::unique_ptr<TrainingData> face_data(const Arguments& a);

/// Prints and logs one line about a measurement.
void say(mien::train::RunFolder& folder, const std::string& line);

}  // namespace fertrain
