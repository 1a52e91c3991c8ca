// What fertrain says and writes about a run as a whole.
#pragma once

#include <string>

#include "arguments.hpp"
#include "mien/train/checkpoint.hpp"
#include "training_data.hpp"

namespace fertrain {

/// The time now, as strftime writes it.
std::string time_text(const char* format);

/// args.json: every option resolved, and what else decides how the run comes out.
std::string args_json(const Arguments& a, const mien::train::TrainOptions& options, const TrainingData& data,
                      const mien::train::DataIdentity& identity);

/// Seconds for people: "about 40 s", "about 12 min", "about 3.5 h".
std::string about(double seconds);

/// The network, layer by layer, what memory its training takes, and the run in one line.
std::string plan_text(const Arguments& a, const mien::train::Trainer& trainer);
/// A hint, or nothing: pictures of any classes whose epochs make few steps.
std::string few_steps_text(const Arguments& a, const mien::train::Trainer& trainer);

/// What args.json does not say of a run that goes on.
std::string resumed_line(const Arguments& a, std::uint64_t step);

std::string reason_text(mien::train::StopReason reason);

}  // namespace fertrain
