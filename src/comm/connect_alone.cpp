// For builds without MPI.
#include "comm/alone.hpp"
#include "comm/launcher.hpp"
#include "mien/core/error.hpp"

namespace mien::comm {

std::unique_ptr<Communicator> connect() {
  const Launch started = launch();
  if (started.size > 1) {
    throw ArgumentError("[ranks] started as one of " + std::to_string(started.size) +
                        " processes, but built without MPI; build with cmake -D MIEN_MPI=ON (the preset mpi)");
  }
  return std::make_unique<Alone>(started.launched);
}

}  // namespace mien::comm
