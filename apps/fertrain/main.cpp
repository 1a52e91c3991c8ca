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

int run(int argc, char** argv, mien::comm::Communicator& ranks) {
  auto result = parsed(argc, argv, ranks);
  if (const int* code = std::get_if<int>(&result)) return *code;
  auto& arguments = std::get<fertrain::Arguments>(result);
  if (arguments.compare.empty()) return fertrain::train(arguments, ranks);
  if (ranks.rank() == 0) fertrain::compare_runs(arguments);
  return apps::kOk;
}

}  // namespace

int main(int argc, char** argv) {
  return apps::guarded([&] {
    const auto ranks = mien::comm::connect();
    return apps::guarded([&] { return run(argc, argv, *ranks); },
                         [&](int code, const std::string& message) {
                           if (ranks->rank() == 0) apps::print_error(message);
                           std::fflush(stdout);
                           ranks->fail(code, mien::printable(message));
                         });
  });
}
