// What a run leaves behind as it goes along, and at its end.
#pragma once

#include <optional>

#include "mien/train/checkpoint.hpp"
#include "mien/train/run_folder.hpp"
#include "progress.hpp"
#include "run_report.hpp"
#include "training_data.hpp"

namespace fertrain {

/// Writes and says what there is to say after every step, evaluation and checkpoint.
class Recorder : public mien::train::RunObserver {
 public:
  /// What cannot be written ends the run unless `goes_on`: it is then said, and written with the next
  /// evaluation or checkpoint.
  Recorder(mien::train::RunFolder& folder, Progress& progress, RunReport& report, mien::train::RunLimits limits,
           mien::train::DataIdentity identity, bool goes_on)
      : folder_(folder),
        progress_(progress),
        report_(report),
        limits_(limits),
        identity_(std::move(identity)),
        goes_on_(goes_on) {}

  void on_step(const mien::train::Trainer& trainer, const mien::train::StepResult& result) override;
  void before_evaluation(const mien::train::Trainer& trainer) override;
  void on_evaluation(mien::train::Trainer& trainer, const mien::train::RunState& state, bool best) override;
  void on_checkpoint(mien::train::Trainer& trainer, const mien::train::RunState& state) override;
  bool stop_requested() override;

  std::uint64_t checkpoint_step() const { return checkpoint_step_; }  ///< that last.safetensors holds
  /// Writes the checkpoint, whatever ends the run, unless that is what ended it. Throws nothing.
  void save_what_is_trained(mien::train::Trainer& trainer, const mien::train::RunState& state) noexcept;
  /// The last chance for what could not be written.
  void finish(mien::train::Trainer& trainer, const mien::train::RunState& state);

 private:
  template <typename Write>
  void attempt(const Write& write);
  void write_best();
  void write_both(mien::train::Trainer& trainer, const mien::train::RunState& state);

  mien::train::RunFolder& folder_;
  Progress& progress_;
  RunReport& report_;
  mien::train::RunLimits limits_;
  mien::train::DataIdentity identity_;
  std::uint64_t checkpoint_step_ = 0;
  double checkpoint_seconds_ = 0;  // of the last one
  bool goes_on_;
  bool in_checkpoint_ = false;
  bool checkpoint_is_due_ = false;
  std::optional<mien::model::ModelFile> unwritten_best_;
};

/// The kept weights and the checkpoint are two files. A run that ended between writing the one and the other,
/// or whose kept weights were taken away or cannot be read, goes on from what is there.
void look_at_best(mien::train::RunFolder& folder, mien::train::RunState& state);

/// Reads the kept weights back and has the data measure them. Throws as TrainingData::measure does.
std::vector<Measured> measure_best(mien::train::RunFolder& folder, Progress& progress, const TrainingData& data,
                                   const mien::train::RunState& state, bool onnx);

}  // namespace fertrain
