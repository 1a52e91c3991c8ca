// What the subcommands of ferbench share: options, timing, one way to print.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/core/json.hpp"
#include "mien/model/spec.hpp"

namespace mien::bench {

struct Options {
  std::string model = "paper";    ///< paper, small, or the path of a spec file
  std::string precision = "f32";  ///< step
  std::string moments = "f32";    ///< step
  std::string file;               ///< csv: what to read; predict: where images come from, or empty
  std::string weights;            ///< predict: a trained model's file, instead of random weights
  std::string dtype;              ///< predict: what the weights are converted to; empty: none
  Index batch = 50;
  int threads = 0;  ///< 0: one for each processor
  int runs = 20;
  bool json = false;
};

struct Timing {
  double median_ms = 0;
  double min_ms = 0;
  int runs = 0;
};

/// The mean of the two in the middle where there is an even number.
double median(std::vector<double> values);

/// Calls `once` for `warm_up` rounds that do not count and then `runs` rounds that do.
Timing measure(int runs, int warm_up, const std::function<void()>& once);

model::ModelSpec find_spec(const std::string& model);

/// median_ms, min_ms, runs, and where they were measured; with options, also on which network.
Json report(const Timing& timing);
Json report(const Options& options, const Timing& timing);
/// As one object under --json, else a line a member.
void print(const Options& options, const Json& json);

void run_step(const Options& options);
void run_predict(const Options& options);
void run_csv(const Options& options);
void run_roofline(const Options& options);
void run_ops(const Options& options);

}  // namespace mien::bench
