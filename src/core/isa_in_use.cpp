#include "core/isa_in_use.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "mien/core/error.hpp"

namespace mien::detail {
namespace {

kernels::Isa choose_isa() {
  const char* wanted = std::getenv("MIEN_ISA");
  if (wanted == nullptr || *wanted == '\0') return kernels::widest_isa();
  for (const kernels::Isa isa : kernels::kIsas) {
    if (kernels::isa_name(isa) != std::string_view(wanted)) continue;
    if (!kernels::is_available(isa))
      throw ArgumentError("[MIEN_ISA] this processor or build has no " + std::string(wanted));
    return isa;
  }
  throw ArgumentError("[MIEN_ISA] expected base, neon, avx2, avx512, avx512bf16 or amx, got `" +
                      std::string(wanted) + "`");
}

kernels::Isa& chosen_isa() {
  static kernels::Isa isa = choose_isa();
  return isa;
}

}  // namespace

kernels::Isa isa_in_use() {
  return chosen_isa();
}

IsaForTest::IsaForTest(kernels::Isa isa) : before_(std::exchange(chosen_isa(), isa)) {}

IsaForTest::~IsaForTest() {
  chosen_isa() = before_;
}

}  // namespace mien::detail
