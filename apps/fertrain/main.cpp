#include <algorithm>
#include <memory>
#include <optional>

#include "arguments.hpp"
#include "common/exit_codes.hpp"
#include "compare_runs.hpp"
#include "mien/comm/communicator.hpp"
#include "ranks.hpp"
#include "training.hpp"

namespace {

std::variant<fertrain::Arguments, int> parsed(int argc, char** argv, const mien::comm::Communicator& ranks) {
  const fertrain::Silence silence(ranks);
  return fertrain::parse(argc, argv);
}

// Ends where a rank has nothing to do but to return that code: all ranks or none go on.
std::optional<int> agreed_end(const int* code, mien::comm::Communicator& ranks) {
  constexpr int kGoesOn = -1;
  const std::vector<int> codes = ranks.gather(code != nullptr ? *code : kGoesOn);
  if (codes[0] != kGoesOn) return codes[0];
  const auto other = std::find_if(codes.begin(), codes.end(), [](int one) { return one != kGoesOn; });
  if (other == codes.end()) return std::nullopt;
  throw mien::ArgumentError("[ranks] rank " + std::to_string(other - codes.begin()) +
                            " cannot read the options that rank 0 can, or its --config");
}

int run(int argc, char** argv, mien::comm::Communicator& ranks) {
  auto result = parsed(argc, argv, ranks);
  if (const auto code = agreed_end(std::get_if<int>(&result), ranks)) return *code;
  auto& arguments = std::get<fertrain::Arguments>(result);
  if (arguments.compare.empty()) return fertrain::train(arguments, ranks);
  if (ranks.rank() == 0) fertrain::compare_runs(arguments);
  return apps::kOk;
}

}  // namespace

int main(int argc, char** argv) {
  std::unique_ptr<mien::comm::Communicator> ranks;
  const int connected = apps::guarded([&] {
    ranks = mien::comm::connect();
    return apps::kOk;
  });
  if (!ranks) return connected;
  return apps::guarded([&] { return run(argc, argv, *ranks); },
                       [&](int code, const std::string& message) {
                         if (ranks->rank() == 0) apps::print_error(message);
                         std::fflush(stdout);
                         ranks->fail(code, mien::printable(message));
                       });
}
