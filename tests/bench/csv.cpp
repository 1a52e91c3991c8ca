// The CSV reader, on a file that the system holds in memory.
#include <filesystem>

#include "bench.hpp"
#include "mien/data/fer2013.hpp"

namespace mien::bench {

void run_csv(const Options& options) {
  Index rows = 0;
  const Timing timing = measure(options.runs, 1, [&] { rows = data::read_fer2013_csv(options.file).size(); });
  const double bytes = static_cast<double>(std::filesystem::file_size(options.file));
  Json json = report(timing);
  json.set("rows", rows);
  json.set("mb_per_second", bytes / 1e6 / (timing.median_ms / 1e3));
  print(options, json);
}

}  // namespace mien::bench
