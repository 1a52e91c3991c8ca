// Notes that fertrain writes into the weights a run keeps.
#pragma once

namespace apps {

inline constexpr const char* kStepNote = "step";  ///< of the run, at which they were measured
inline constexpr const char* kAccuracyNote = "validation_accuracy";  ///< 0 .. 1, of these very weights

}  // namespace apps
