// ferpredict --sandbox: the same answers from a process that can do nothing but decode.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <regex>
#include <thread>

#include "cli.hpp"
#include "cli_images.hpp"
#include "support/seccomp.hpp"

namespace {

using namespace mien::test;
namespace fs = std::filesystem;

void check_same(const std::vector<std::string>& arguments, int exit_code, const ProgramOptions& options = {}) {
  const ProgramResult plain = ferpredict(arguments, options);
  const ProgramResult boxed = ferpredict(arguments + std::vector<std::string>{"--sandbox"}, options);
  INFO(boxed.err);
  CHECK(plain.exit_code == exit_code);
  CHECK(boxed.exit_code == exit_code);
  CHECK(boxed.out == plain.out);
  CHECK(boxed.err == plain.err);
}

std::string without_times(const std::string& lines) {
  return std::regex_replace(lines, std::regex("\"(time|ms|fps)\": ?(\\{[^}]*\\}|[^,}]*)"), "");
}

std::vector<std::string> pictures_of_data() {
  std::vector<std::string> result;
  for (const auto& entry : fs::directory_iterator(MIEN_SAMPLE_FOLDER)) {
    const std::string ending = entry.path().extension();
    if (ending == ".jpg" || ending == ".png") result.push_back(entry.path());
  }
  return result;
}

/// A folder of every format and of what is none.
std::string mixed_folder(const Workplace& place) {
  fs::create_directory(place / "pictures");
  for (const char* extension : kImageExtensions) {
    place.write(std::string("pictures/a.") + extension, encoded(extension, face_pixels(3, 1)));
  }
  const std::string jpeg = encoded("jpg", face_pixels(3, 1));
  place.write("pictures/half.jpg", jpeg.substr(0, jpeg.size() / 2));
  place.write("pictures/empty.png", "");
  place.write("pictures/text.png", "just text");
  place.write("pictures/bomb.png", png_bomb(30'000, 30'000));
  return place / "pictures";
}

/// What /proc says of a process, of which `name` is a line's beginning.
std::string status_of(pid_t id, const std::string& name) {
  const std::string path = "/proc/" + std::to_string(id) + "/status";
  if (!fs::exists(path)) return "gone";
  const std::string text = "\n" + read_text(path);
  const std::size_t at = text.find("\n" + name + ":\t");
  if (at == std::string::npos) return "gone";
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool has_ended(pid_t id) {
  const std::string state = status_of(id, "State");
  return state == "gone" || state.starts_with('Z');
}

/// The process that `parent` has started, which is its only one.
pid_t child_of(pid_t parent) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t id = std::atoi(entry.path().filename().c_str());
    if (id > 0 && status_of(id, "PPid") == std::to_string(parent)) return id;
  }
  return 0;
}

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 10'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

}  // namespace

TEST_CASE("ferpredict --sandbox changes no answer, picture or page", "[cli][sandbox]") {
  if (!has_seccomp()) return;
  const Workplace place;
  const std::string folder = mixed_folder(place);
  check_same(pictures_of_data(), 0);
  check_same(pictures_of_data() + std::vector<std::string>{"--csv-out", "--threads", "1"}, 0);
  check_same({folder, "--csv-out", "--threads", "4"}, 3);
  check_same({"-", "--detector", "none"}, 0, {.input = encoded("png", face_pixels(2, 5))});
  for (const char* sandbox : {"", "--sandbox"}) {
    std::vector<std::string> arguments = pictures_of_data();
    if (*sandbox != '\0') arguments.emplace_back(sandbox);
    const std::string to = place / (std::string("drawn") + sandbox) + "/";
    CHECK(ferpredict(arguments + std::vector<std::string>{"--draw", to}).exit_code == 0);
    CHECK(ferpredict(arguments + std::vector<std::string>{"--html", to + "sheet.html"}).exit_code == 0);
  }
  int files = 0;
  for (const auto& entry : fs::directory_iterator(place / "drawn")) {
    const std::string name = entry.path().filename();
    INFO(name);
    CHECK(read_text(place / ("drawn/" + name)) == read_text(place / ("drawn--sandbox/" + name)));
    ++files;
  }
  CHECK(files >= 4);
}

TEST_CASE("ferpredict --sandbox changes no line of a stream, nor its pictures", "[cli][sandbox]") {
  if (!has_seccomp()) return;
  const Workplace place;
  const std::string jpeg = read_text(MIEN_SAMPLE_FOLDER "/astronaut.jpg");
  const std::string stream = place.write(
      "stream", jpeg + jpeg.substr(0, 30'000) + "\xff\xd9" + encoded("jpg", face_pixels(3, 1)) + jpeg);
  const std::vector<std::string> arguments = {"--frames", stream, "--frame-rate", "10"};
  const ProgramResult plain = ferpredict(arguments + std::vector<std::string>{"--draw", place / "a.mjpeg"});
  const ProgramResult boxed =
      ferpredict(arguments + std::vector<std::string>{"--sandbox", "--draw", place / "b.mjpeg"});
  CHECK(plain.exit_code == 3);
  CHECK(boxed.exit_code == 3);
  CHECK(contains(plain.out, "\"error\""));
  CHECK(without_times(boxed.out) == without_times(plain.out));
  CHECK(read_text(place / "a.mjpeg") == read_text(place / "b.mjpeg"));
}

TEST_CASE("the process of --sandbox is confined, replaced when it is gone, and ends with its parent",
          "[cli][sandbox]") {
  if (!has_seccomp()) return;
  const Workplace place;
  const std::string pipe = place / "pipe", out = place / "out";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Program program(FERPREDICT_PATH, {"--frames", pipe, "--sandbox"}, {.stdout_path = out});
  const int writer = ::open(pipe.c_str(), O_WRONLY);
  REQUIRE(writer >= 0);
  const std::string jpeg = encoded("jpg", face_pixels(3, 1));
  const auto has_lines = [&](std::ptrdiff_t count) {
    return comes_true([&] {
      const std::string lines = read_text(out);
      return std::count(lines.begin(), lines.end(), '\n') == count;
    });
  };
  pid_t last = 0;
  for (int i = 1; i <= 3; ++i) {
    REQUIRE(::write(writer, jpeg.data(), jpeg.size()) == static_cast<ssize_t>(jpeg.size()));
    REQUIRE(has_lines(i));
    const pid_t child = child_of(program.id());
    REQUIRE(child > 0);
    CHECK(child != last);
    last = child;
    CHECK(status_of(child, "Seccomp") == "2");
    CHECK(status_of(child, "NoNewPrivs") == "1");
    const std::string limits = read_text("/proc/" + std::to_string(child) + "/limits");
#if !defined(MIEN_SANITIZE)  // which needs more
    CHECK(status_of(child, "Threads") == "1");
    CHECK(std::regex_search(limits, std::regex("Max open files +0 +0 ")));
    CHECK(std::regex_search(limits, std::regex("Max address space +3221225472 +3221225472 ")));
#endif
    CHECK(std::regex_search(limits, std::regex("Max core file size +0 +0 ")));
    if (::geteuid() == 0) {  // others may not look
      const fs::directory_iterator files("/proc/" + std::to_string(child) + "/fd");
      CHECK(std::distance(begin(files), end(files)) == 1);
    }
    if (i == 3) break;
    ::kill(child, SIGKILL);
    REQUIRE(comes_true([&] { return has_ended(child); }));
  }
  CHECK_FALSE(contains(read_text(out), "error"));
  program.send(SIGKILL);
  CHECK(program.wait().signal == SIGKILL);
  CHECK(comes_true([&] { return has_ended(last); }));
  ::close(writer);
}

TEST_CASE("ferpredict --sandbox is refused where nothing would be decoded in it", "[cli][sandbox]") {
  const ProgramResult rows = ferpredict({"--csv", "faces.csv", "--sandbox"});
  CHECK(rows.exit_code == 2);
  CHECK(contains(rows.err, "--sandbox requires images, --camera or --frames of JPEGs"));
  const ProgramResult raw =
      ferpredict({"--frames", "-", "--frame-format", "gray8", "--frame-size", "8x8", "--sandbox"});
  CHECK(raw.exit_code == 2);
  CHECK(contains(raw.err, "--sandbox requires images, --camera or --frames of JPEGs"));
}
