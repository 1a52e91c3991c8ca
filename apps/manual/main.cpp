// Writes what a program's users look for beside it: its manual page and completions for shells, made of the
// options it has. Run while building; not installed.
//
//   mien_manual fertrain|ferpredict man|bash|zsh FILE
#include <map>

#include "common/completion.hpp"
#include "common/exit_codes.hpp"
#include "common/man_page.hpp"
#include "ferpredict/arguments.hpp"
#include "ferpredict/text.hpp"
#include "fertrain/arguments.hpp"
#include "fertrain/text.hpp"
#include "mien/core/file.hpp"

namespace {

using Writer = std::string (*)(const CLI::App&, const apps::ProgramText&);

const std::map<std::string, Writer> kWriters = {
    {"man", apps::man_page}, {"bash", apps::bash_completion}, {"zsh", apps::zsh_completion}};

int run(const std::string& program, const std::string& kind, const std::string& file) {
  const auto writer = kWriters.find(kind);
  if (writer == kWriters.end() || (program != "fertrain" && program != "ferpredict")) {
    throw mien::ArgumentError("mien_manual fertrain|ferpredict man|bash|zsh FILE");
  }
  const bool trains = program == "fertrain";
  const apps::ProgramText text = trains ? fertrain::program_text() : ferpredict::program_text();
  const auto write = [&](const CLI::App& app) { mien::write_file_atomically(file, writer->second(app, text)); };
  trains ? fertrain::describe(write) : ferpredict::describe(write);
  return apps::kOk;
}

}  // namespace

int main(int argc, char** argv) {
  return apps::guarded([&] {
    if (argc != 4) throw mien::ArgumentError("mien_manual PROGRAM KIND FILE");
    return run(argv[1], argv[2], argv[3]);
  });
}
