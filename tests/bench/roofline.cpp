// Where the time of a training step goes, beside the least it can take.
#include <cstdio>

#include "calls.hpp"
#include "floor.hpp"
#include "mien/core/parallel.hpp"
#include "mien/model/fuse.hpp"

namespace mien::bench {
namespace {

struct Roofline {
  Peak peak;
  std::vector<FloorRow> rows, fused_rows;
  MeasuredStep step;

  // 0 where no call is known to work for the row.
  double measured_ms(const FloorRow& row) const {
    double sum = 0;
    for (const Call& call : step.calls) {
      if (call.layer == row.layer && call.pass == row.pass) sum += call.median_ms;
    }
    return sum;
  }
  double share(double ms) const { return ms / step.timing.median_ms; }
  double times(const std::vector<FloorRow>& floor) const { return step.timing.median_ms / total_ms(floor); }
};

Roofline measure_roofline(const Options& options) {
  const model::Graph graph = model::plan(find_spec(options.model));
  Roofline result;
  result.peak = measure_peak();
  result.rows = floor_of(graph, result.peak, options.batch);
  result.fused_rows = fused_floor_of(graph, result.peak, options.batch);
  result.step = measure_step(options);
  assign_layers(result.step.calls, model::fuse(graph, model::Use::learn));
  return result;
}

// What the instruction set in use lacks has no member.
Json json_of(const Peak& peak) {
  Json json;
  json.set("gflops", peak.gflops);
  json.set("burst_gflops", peak.burst_gflops);
  if (peak.bf16_gflops > 0) json.set("bf16_gflops", peak.bf16_gflops);
  json.set("read_gb_per_second", peak.read_gb);
  json.set("update_gb_per_second", peak.update_gb);
  json.set("array_bytes", peak.array_bytes);
  json.set("last_level_cache_bytes", peak.cache_bytes);
  json.set("beyond_caches", peak.beyond_caches());
  return json;
}

Json json_of(const FloorRow& row) {
  Json json;
  json.set("layer", row.layer);
  json.set("pass", name_of(row.pass));
  json.set("gflop", row.gflop);
  json.set("megabytes", row.megabytes());
  json.set("update_megabytes", row.update_mb);
  json.set("floor_ms", row.floor_ms);
  return json;
}

Json fused_rows_json(const Roofline& roofline) {
  Json rows{Json::Array{}};
  for (const FloorRow& row : roofline.fused_rows) rows.append(json_of(row));
  return rows;
}

Json rows_json(const Roofline& roofline) {
  Json rows{Json::Array{}};
  for (const FloorRow& row : roofline.rows) {
    const double measured = roofline.measured_ms(row);
    Json json = json_of(row);
    if (measured > 0) {
      json.set("measured_ms", measured);
      json.set("share", roofline.share(measured));
    }
    rows.append(std::move(json));
  }
  return rows;
}

Json calls_json(const Roofline& roofline) {
  Json calls{Json::Array{}};
  for (const Call& call : roofline.step.calls) {
    Json extents{Json::Array{}};
    for (Index extent : call.extents) extents.append(extent);
    Json json;
    json.set("op", call.name);
    json.set("extents", std::move(extents));
    json.set("layer", call.layer);
    json.set("median_ms", call.median_ms);
    json.set("share", roofline.share(call.median_ms));
    calls.append(std::move(json));
  }
  return calls;
}

Json to_json(const Options& options, const Roofline& roofline) {
  Json json = report(options, roofline.step.timing);
  json.set("peak", json_of(roofline.peak));
  json.set("floor_ms", total_ms(roofline.rows));
  json.set("fused_floor_ms", total_ms(roofline.fused_rows));
  json.set("times_floor", roofline.times(roofline.rows));
  json.set("times_fused_floor", roofline.times(roofline.fused_rows));
  json.set("rows", rows_json(roofline));
  json.set("fused_rows", fused_rows_json(roofline));
  json.set("calls", calls_json(roofline));
  return json;
}

std::string measured_text(const Roofline& roofline, double ms) {
  if (ms <= 0) return "          -";
  char text[64];
  std::snprintf(text, sizeof text, "%11.2f %7.1f %%", ms, 100 * roofline.share(ms));
  return text;
}

void print_peak(const Peak& peak) {
  std::printf(
      "peak of %d threads: %.0f GFLOP/s (in the best moment %.0f), reading %.1f GB/s, updating %.1f GB/s\n",
      thread_count(), peak.gflops, peak.burst_gflops, peak.read_gb, peak.update_gb);
  if (peak.bf16_gflops > 0) std::printf("in bf16: %.0f GFLOP/s\n", peak.bf16_gflops);
  if (peak.beyond_caches()) return;
  const double array_mb = static_cast<double>(peak.array_bytes) / 1e6;
  if (peak.cache_bytes > 0) {
    std::printf(
        "note: memory has room for an array of %.0f MB, not four times the caches' %.0f MB: "
        "the rates may be partly theirs\n",
        array_mb, static_cast<double>(peak.cache_bytes) / 1e6);
  } else {
    std::printf("note: the caches' size is unknown: the rates of an array of %.0f MB may be partly theirs\n",
                array_mb);
  }
}

void print_floors(const Options& options, const Roofline& roofline) {
  const Timing& timing = roofline.step.timing;
  std::printf("a step of %td images: %.1f ms (median of %d)\n", options.batch, timing.median_ms, timing.runs);
  std::printf("  at least, pass after pass:    %7.1f ms, the step takes %.2f times that\n",
              total_ms(roofline.rows), roofline.times(roofline.rows));
  std::printf("  at least, with passes joined: %7.1f ms, the step takes %.2f times that\n\n",
              total_ms(roofline.fused_rows), roofline.times(roofline.fused_rows));
}

void print_rows(const Roofline& roofline) {
  std::printf("%-12s %-9s %8s %8s %9s %11s %9s\n", "layer", "pass", "GFLOP", "MB", "floor ms", "measured ms",
              "share");
  double of_rows = 0;
  for (const FloorRow& row : roofline.rows) {
    const double measured = roofline.measured_ms(row);
    of_rows += measured;
    std::printf("%-12s %-9s %8.2f %8.1f %9.2f %s\n", row.layer.c_str(), name_of(row.pass), row.gflop,
                row.megabytes(), row.floor_ms, measured_text(roofline, measured).c_str());
  }
  double of_calls = 0;
  for (const Call& call : roofline.step.calls) of_calls += call.median_ms;
  std::printf("%-50s %s\n", "calls of no row above", measured_text(roofline, of_calls - of_rows).c_str());
  std::printf("%-50s %s\n", "between calls",
              measured_text(roofline, roofline.step.timing.median_ms - of_calls).c_str());
}

void print_fused_rows(const Roofline& roofline) {
  std::printf("\n%-34s %-14s %8s %8s %9s\n", "passes joined", "pass", "GFLOP", "MB", "floor ms");
  for (const FloorRow& row : roofline.fused_rows) {
    std::printf("%-34s %-14s %8.2f %8.1f %9.2f\n", row.layer.c_str(), name_of(row.pass), row.gflop,
                row.megabytes(), row.floor_ms);
  }
}

void print_calls(const Roofline& roofline) {
  std::printf("\n%-26s %-28s %-12s %11s %9s\n", "call", "extents", "layer", "measured ms", "share");
  for (const Call& call : roofline.step.calls) {
    std::string extents;
    for (Index extent : call.extents) extents += std::to_string(extent) + " ";
    std::printf("%-26s %-28s %-12s %s\n", call.name.c_str(), extents.c_str(), call.layer.c_str(),
                measured_text(roofline, call.median_ms).c_str());
  }
}

}  // namespace

void run_roofline(const Options& options) {
  const Roofline roofline = measure_roofline(options);
  if (options.json) {
    print(options, to_json(options, roofline));
    return;
  }
  print_peak(roofline.peak);
  print_floors(options, roofline);
  print_rows(roofline);
  print_fused_rows(roofline);
  print_calls(roofline);
}

}  // namespace mien::bench
