// What programs that start ranks leave in the environment.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string>

namespace mien::comm {

struct Launch {
  bool launched = false;
  int size = 1;  // as far as the environment says
};

// OpenMPI's mpirun, MPICH's mpiexec and other process managers of PMI, Slurm's srun with PMIx.
inline Launch launch() {
  Launch result;
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    result.launched = true;
    if (std::string(name).ends_with("SIZE")) result.size = std::atoi(value);
  }
  const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  if (result.launched && tasks != nullptr) result.size = std::max(result.size, std::atoi(tasks));
  return result;
}

}  // namespace mien::comm
