// How good the finding of faces is, on photos whose faces are marked.
#pragma once

#include "arguments.hpp"

namespace ferpredict {

/// --faces: recall, false boxes, points, by what kind of faces. By the networks, or by a cascade.
void measure_faces(const Arguments& a);

}  // namespace ferpredict
