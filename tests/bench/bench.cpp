#include "bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "mien/core/parallel.hpp"
#include "mien/core/system.hpp"

namespace mien::bench {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Timing measure(int runs, int warm_up, const std::function<void()>& once) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < warm_up; ++i) once();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const Clock::time_point start = Clock::now();
    once();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return {.median_ms = median(times), .min_ms = *std::min_element(times.begin(), times.end()), .runs = runs};
}

model::ModelSpec find_spec(const std::string& model) {
  if (model == "paper") return model::paper_spec();
  if (model == "small") return model::ModelSpec::from_file(MIEN_BENCH_FOLDER "/small3x3.spec");
  return model::ModelSpec::from_file(model);
}

Json report(const Timing& timing) {
  Json json;
  json.set("median_ms", timing.median_ms);
  json.set("min_ms", timing.min_ms);
  json.set("runs", timing.runs);
  json.set("threads", thread_count());
  json.set("isa", active_isa());
  json.set("cpu", cpu_name());
  return json;
}

Json report(const Options& options, const Timing& timing) {
  Json json = report(timing);
  json.set("model", options.weights.empty() ? options.model : options.weights);
  json.set("batch", options.batch);
  return json;
}

void print(const Options& options, const Json& json) {
  if (options.json) {
    std::printf("%s\n", to_json(json).c_str());
    return;
  }
  for (const JsonMember& member : json.as_object()) {
    std::printf("%-18s %s\n", member.key.c_str(), to_json(member.value).c_str());
  }
}

}  // namespace mien::bench
