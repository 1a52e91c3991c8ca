#include "arguments.hpp"
#include "common/exit_codes.hpp"
#include "compare_runs.hpp"
#include "training.hpp"

int main(int argc, char** argv) {
  return apps::guarded([&] {
    const auto parsed = fertrain::parse(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    const auto& arguments = std::get<fertrain::Arguments>(parsed);
    if (arguments.compare.empty()) return fertrain::train(arguments);
    fertrain::compare_runs(arguments);
    return static_cast<int>(apps::kOk);
  });
}
