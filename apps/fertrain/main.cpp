#include "arguments.hpp"
#include "common/exit_codes.hpp"
#include "training.hpp"

int main(int argc, char** argv) {
  return apps::guarded([&] {
    const auto parsed = fertrain::parse(argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    return fertrain::train(std::get<fertrain::Arguments>(parsed));
  });
}
