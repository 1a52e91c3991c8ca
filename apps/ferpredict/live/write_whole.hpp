// Writing what a stream gives, whoever reads it and however slowly.
#pragma once

#include <string>
#include <string_view>

namespace ferpredict::live {

/// Writes all of `bytes` to a descriptor, at once and past stdio, which forgets where a signal has interrupted
/// it. After one that asks the program to stop (apps::interrupted) whoever reads a pipe has a second for each
/// PIPE_BUF bytes of the rest, which is then given up. Throws mien::DataError, with the name of the file, when
/// it cannot be written.
void write_whole(int descriptor, std::string_view bytes, const std::string& name);

}  // namespace ferpredict::live
