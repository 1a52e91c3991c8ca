// How the program takes memory from the system.
#pragma once

namespace ferpredict {

/// Makes the C library take memory in few large pieces, of huge pages where the system has them, and keep what
/// is freed. The first image of a process is read in memory nobody has touched yet; where page faults are slow,
/// as in virtual machines, they take as long as decoding a photo. Does nothing where the C library is another
/// than glibc. To be called before there are threads.
void widen_heap();

}  // namespace ferpredict
