// How long work takes while every thread does it and nothing else runs instead.
#pragma once

#include <functional>
#include <vector>

namespace mien::bench {

/// All threads call `work`, which should take less than a millisecond, again and again for a quarter of a
/// second, on a busy machine for up to one. Milliseconds of the calls during which no thread was held up: had
/// no processor, or not begun, or ended. (While a neighbor has one processor, the others have the memory for
/// themselves.) Where there are no such calls, of all.
std::vector<double> undisturbed_ms(const std::function<void()>& work);

}  // namespace mien::bench
