#pragma once

namespace mien::detail {

/// std::bit_cast, which libc++ lacks before its version 14.
template <typename To, typename From>
constexpr To bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}

}  // namespace mien::detail
