// How the program takes memory from the system.
#pragma once

namespace ferpredict {

/// Takes the first 64 MiB at once, in huge pages where the system has them, and keeps up to 256 MiB of what is
/// freed. The first image of a process is read in memory nobody has touched yet; where page faults are slow, as
/// in virtual machines, they take as long as decoding a photo. Does nothing where the C library is another than
/// glibc. To be called before there are threads.
void set_up_heap();

}  // namespace ferpredict
