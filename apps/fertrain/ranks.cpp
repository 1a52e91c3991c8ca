#include "ranks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/exit_codes.hpp"
#include "common/interrupt.hpp"
#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/sha256.hpp"
#include "mien/core/system.hpp"
#include "mien/core/text.hpp"

namespace fertrain {
namespace {

using mien::comm::Communicator;
using mien::train::Trainer;

// The machine, and the processors of it that this process may use.
std::string place() {
  char host[256] = {};
  (void)gethostname(host, sizeof host - 1);
  constexpr std::size_t kMostBytes = 1 << 16;
  const std::string status = mien::read_file("/proc/self/status", kMostBytes);
  const std::size_t at = status.find("Cpus_allowed:");
  return host + (at == status.npos ? std::string() : status.substr(at, status.find('\n', at) - at));
}

std::string hash_of_weights(const Trainer& trainer) {
  mien::Sha256 hash;
  for (const mien::autograd::Parameter* parameter : trainer.parameters()) {
    hash.update(std::as_bytes(parameter->value.values()));
  }
  return mien::to_hex(hash.finish());
}

struct Fact {
  const char* name;
  std::string text;
  bool of_data = false;
};

class Follower : public mien::train::RunObserver {
 public:
  void on_step(const Trainer&, const mien::train::StepResult&) override {}
  void on_evaluation(Trainer&, const mien::train::RunState&, bool) override {}
  void on_checkpoint(Trainer&, const mien::train::RunState&) override {}
  bool stop_requested() override { return apps::interrupted(); }
};

}  // namespace

void set_threads(int threads, Communicator& ranks) {
  mien::set_thread_count(threads);
  if (threads != 0 || ranks.size() == 1) return;
  const std::string here = place();
  const std::vector<std::string> places = ranks.gather(here);
  const auto sharing = static_cast<int>(std::count(places.begin(), places.end(), here));
  mien::set_thread_count(std::max(1, mien::thread_count() / sharing));
}

void choose_sharding(Arguments& a, const Communicator& ranks) {
  mien::train::TrainOptions& options = a.options;
  const bool possible = mien::train::can_shard(options);
  if (!a.shard_given) options.shard_dense = ranks.launched() && possible;
  if (options.shard_dense && !possible) {
    throw mien::ArgumentError(
        "--shard-dense on requires --parts 2 or more, and a dense layer of 4 million weights or more with no "
        "more outputs than inputs and 64 inputs a part");
  }
}

void agree(const Trainer& trainer, const mien::train::RunLimits& limits,
           const mien::train::DataIdentity& data) {
  const std::vector<Fact> facts = {
      {"version", mien::version()},
      {"compiler", mien::compiler()},
      {"instruction set (MIEN_ISA)", mien::active_isa()},
      {"options", mien::to_json(mien::train::to_json(trainer.options()))},
      {"limits", mien::to_json(mien::train::to_json(limits))},
      {"data (sha256)", data.sha256, true},
      {"step to begin with", std::to_string(trainer.steps_done()), true},
      {"weights to begin with (sha256)", hash_of_weights(trainer), true},
  };
  for (const Fact& fact : facts) {
    const std::vector<std::string> all = trainer.ranks().gather(fact.text);
    const auto other =
        std::find_if(all.begin(), all.end(), [&](const std::string& text) { return text != all[0]; });
    if (other == all.end()) continue;
    const std::string what = "[ranks] rank " + std::to_string(other - all.begin()) +
                             " differs from rank 0 in its " + fact.name + ": " + *other + ", not " + all[0];
    if (fact.of_data) throw mien::DataError(what);
    throw mien::ArgumentError(what);
  }
}

void share_best(mien::train::RunState& state, Communicator& ranks) {
  state.best_accuracy = ranks.of_first(state.best_accuracy);
  state.best_step = ranks.of_first(state.best_step);
  state.best_is_lost = ranks.of_first(state.best_is_lost);
}

int follow(Trainer& trainer, mien::train::RunState& state, std::span<const std::uint32_t> validation_rows,
           const mien::train::RunLimits& limits) {
  apps::watch_for_interrupt(apps::WaitingCalls::restart);
  Follower follower;
  const mien::train::StopReason reason = mien::train::run(trainer, state, validation_rows, limits, follower);
  trainer.ranks().barrier();
  return reason == mien::train::StopReason::interrupted ? apps::kInterrupted : apps::kOk;
}

mien::Json traffic_json(const Trainer& trainer) {
  const mien::train::StepTraffic& traffic = trainer.traffic();
  mien::Json json;
  if (trainer.ranks().size() == 1 || traffic.steps == 0) return json;
  const double bytes = static_cast<double>(traffic.bytes) / static_cast<double>(traffic.steps);
  json.set("ranks", trainer.ranks().size()).set("bytes_a_step", static_cast<std::int64_t>(bytes));
  json.set("waiting", traffic.waiting / traffic.seconds);
  return json;
}

std::string traffic_line(const Trainer& trainer) {
  const mien::train::StepTraffic& traffic = trainer.traffic();
  if (trainer.ranks().size() == 1 || traffic.steps == 0) return {};
  const double bytes = static_cast<double>(traffic.bytes) / static_cast<double>(traffic.steps);
  return "rank 0 of " + std::to_string(trainer.ranks().size()) + " sent " + mien::format_fixed(bytes / 1e6, 2) +
         " MB a step and waited " + mien::format_fixed(100 * traffic.waiting / traffic.seconds, 0) +
         " % of the time";
}

Silence::Silence(const Communicator& ranks) {
  if (ranks.rank() == 0) return;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  stderr_ = dup(STDERR_FILENO);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

Silence::~Silence() {
  if (stderr_ < 0) return;
  std::fflush(stderr);
  dup2(stderr_, STDERR_FILENO);
  ::close(stderr_);
}

}  // namespace fertrain
