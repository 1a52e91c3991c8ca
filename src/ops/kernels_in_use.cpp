#include "ops/kernels_in_use.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include "core/isa_in_use.hpp"

namespace mien::ops {
namespace {

void print(const TimedCall& call) {
  char line[256];
  int length = std::snprintf(line, sizeof line, "mien: %s %s", kernels_in_use().isa, call.name);
  for (kernels::Index extent : call.extents) {
    length += std::snprintf(line + length, sizeof line - static_cast<std::size_t>(length), " %td", extent);
  }
  std::fprintf(stderr, "%s: %.3f ms\n", line, call.ms);
}

CallObserver& call_observer() {
  static CallObserver observer = [] {
    const char* value = std::getenv("MIEN_VERBOSE");
    return value != nullptr && std::string_view(value) == "1" ? CallObserver(print) : CallObserver();
  }();
  return observer;
}

thread_local int quiet_calls = 0;

}  // namespace

QuietCalls::QuietCalls() {
  ++quiet_calls;
}
QuietCalls::~QuietCalls() {
  --quiet_calls;
}

const kernels::KernelTable& kernels_in_use() {
  static const std::array tables = [] {
    std::array<const kernels::KernelTable*, std::size(kernels::kIsas)> all;
    std::transform(std::begin(kernels::kIsas), std::end(kernels::kIsas), all.begin(), kernels::kernel_table);
    return all;
  }();
  return *tables[static_cast<std::size_t>(mien::detail::isa_in_use())];
}

void observe_calls(CallObserver observer) {
  call_observer() = std::move(observer);
}

VerboseCall::VerboseCall(const char* name, std::initializer_list<kernels::Index> extents) : name_(name) {
  if (!call_observer() || quiet_calls > 0) return;
  for (kernels::Index extent : extents) {
    if (rank_ < 8) extents_[rank_++] = extent;
  }
  start_ = std::chrono::steady_clock::now();
}

VerboseCall::~VerboseCall() {
  if (!call_observer() || quiet_calls > 0) return;
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start_;
  call_observer()(
      {.name = name_, .extents = {extents_, static_cast<std::size_t>(rank_)}, .ms = elapsed.count()});
}

}  // namespace mien::ops
