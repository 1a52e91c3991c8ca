// What fertrain does where mpirun has started several of it.
#pragma once

#include "arguments.hpp"
#include "mien/comm/communicator.hpp"
#include "mien/train/checkpoint.hpp"

namespace fertrain {

/// Parts of a batch that ranks can have, where nobody has asked for another number.
inline constexpr mien::Index kRankParts = 8;

/// As many threads as --threads says or, for 0, this rank's share of the processors it may use.
void set_threads(int threads, mien::comm::Communicator& ranks);

/// Whether large dense layers are shared out, where nobody has said so: under mpirun, of networks that have
/// some. Throws ArgumentError where it is asked for and there is none.
void choose_sharding(Arguments& a, const mien::comm::Communicator& ranks);

/// What has to be alike on all ranks. Throws ArgumentError or DataError naming the first rank that is
/// otherwise, and how.
void agree(const mien::train::Trainer& trainer, const mien::train::RunLimits& limits,
           const mien::train::DataIdentity& data);

/// What the first rank knows of the weights it keeps.
void share_best(mien::train::RunState& state, mien::comm::Communicator& ranks);

/// The part of all ranks but the first in a run: to write and say nothing. Returns the program's exit code.
int follow(mien::train::Trainer& trainer, mien::train::RunState& state,
           std::span<const std::uint32_t> validation_rows, const mien::train::RunLimits& limits);

/// Bytes a rank has sent a step, and which share of the time it waited. Null, and empty, where one rank trains.
mien::Json traffic_json(const mien::train::Trainer& trainer);
std::string traffic_line(const mien::train::Trainer& trainer);

/// Nothing but the errors of ranks behind the first is to be seen.
class Silence {
 public:
  /// Of stdout as long as the program runs, and of stderr as long as this lives; not of the first rank's.
  explicit Silence(const mien::comm::Communicator& ranks);
  ~Silence();
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int stderr_ = -1;
};

}  // namespace fertrain
