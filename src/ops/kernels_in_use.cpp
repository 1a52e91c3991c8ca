#include "ops/kernels_in_use.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "mien/core/error.hpp"

namespace mien::ops {
namespace {

const kernels::KernelTable& choose() {
  const char* wanted = std::getenv("MIEN_ISA");
  if (wanted == nullptr || *wanted == '\0') return *kernels::best_kernel_table();
  for (const kernels::Isa isa : kernels::kIsas) {
    if (kernels::isa_name(isa) != std::string_view(wanted)) continue;
    const kernels::KernelTable* table = kernels::kernel_table(isa);
    if (table == nullptr)
      throw ArgumentError("[MIEN_ISA] this processor or build has no " + std::string(wanted));
    return *table;
  }
  throw ArgumentError("[MIEN_ISA] expected base, avx2, avx512 or avx512bf16, got `" + std::string(wanted) +
                      "`");
}

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

const kernels::KernelTable*& table_in_use() {
  static const kernels::KernelTable* table = &choose();
  return table;
}

}  // namespace

const kernels::KernelTable& kernels_in_use() {
  return *table_in_use();
}

KernelsForTest::KernelsForTest(const kernels::KernelTable& table)
    : before_(std::exchange(table_in_use(), &table)) {}

KernelsForTest::~KernelsForTest() {
  table_in_use() = before_;
}

void observe_calls(CallObserver observer) {
  call_observer() = std::move(observer);
}

VerboseCall::VerboseCall(const char* name, std::initializer_list<kernels::Index> extents) : name_(name) {
  if (!call_observer()) return;
  for (kernels::Index extent : extents) {
    if (rank_ < 8) extents_[rank_++] = extent;
  }
  start_ = std::chrono::steady_clock::now();
}

VerboseCall::~VerboseCall() {
  if (!call_observer()) return;
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start_;
  call_observer()(
      {.name = name_, .extents = {extents_, static_cast<std::size_t>(rank_)}, .ms = elapsed.count()});
}

}  // namespace mien::ops
