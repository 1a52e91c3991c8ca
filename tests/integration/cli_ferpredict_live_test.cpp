// ferpredict on streams of frames.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "cli.hpp"
#include "cli_images.hpp"
#include "mien/image/decode.hpp"
#include "support/cascade_text.hpp"

namespace {

using namespace mien::test;
using mien::Index;

class Studio : public Workplace {
 public:
  Studio() : model(train()) {}
  ProgramResult follow(const std::vector<std::string>& arguments, const std::string& stream) const {
    return ferpredict(std::vector<std::string>{"--model", model, "--frames", "-"} + arguments,
                      {.input = stream});
  }

  std::string model;
};

std::string jpeg(int label) {
  return encoded("jpg", face_pixels(label, 77));
}

std::vector<mien::Json> lines(const std::string& output) {
  std::vector<mien::Json> result;
  for (std::size_t begin = 0; begin < output.size();) {
    const std::size_t end = output.find('\n', begin);
    result.push_back(json_of(output.substr(begin, end - begin)));
    begin = end + 1;
  }
  return result;
}

const mien::Json& face_of(const mien::Json& line, std::size_t i = 0) {
  return line.at("faces").as_array().at(i);
}

std::string shown(const mien::Json& line) {
  return face_of(line).at("expression").as_string();
}

// A gray frame of 120 x 80 with a bright square of 20 pixels.
std::string frame_with_square(Index x, Index y) {
  std::string pixels(120 * 80, '\x14');
  for (Index row = y; row < y + 20; ++row) std::fill_n(pixels.begin() + row * 120 + x, 20, '\xc8');
  return pixels;
}

}  // namespace

TEST_CASE("a looped MJPEG stream gives a line for every frame", "[cli]") {
  const Studio place;
  std::string loop;
  for (int i = 0; i < 20; ++i) loop += jpeg(3) + "--boundary\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg(5);
  const ProgramResult result = place.follow({"--frame-rate", "25"}, loop);
  CHECK(result.exit_code == 0);
  CHECK(result.err.starts_with("-: 40 frames in "));
  CHECK(contains(result.err, " a second\n"));
  const std::vector<mien::Json> all = lines(result.out);
  REQUIRE(all.size() == 40);
  CHECK(keys(all[0]) == std::vector<std::string>{"frame", "time", "detector", "faces", "ms", "fps"});
  CHECK(keys(face_of(all[0])) == std::vector<std::string>{"track", "box", "score", "expression", "probability",
                                                          "probabilities", "emoticons"});
  CHECK(all[0].at("fps").is_null());
  CHECK(all[39].at("fps").as_number() > 0);
  int changes = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].at("frame").as_integer() == static_cast<std::int64_t>(i + 1));
    CHECK(all[i].at("time").as_number() == Approx(static_cast<double>(i) / 25).margin(1e-3));
    CHECK(face_of(all[i]).at("track").as_integer() == 1);
    changes += i > 0 && shown(all[i]) != shown(all[i - 1]) ? 1 : 0;
  }
  CHECK(changes <= 1);  // two faces in turns do not make it flicker
}

TEST_CASE("a change that stays is shown, after a while", "[cli]") {
  const Studio place;
  std::vector<std::string> labels;
  std::string stream;
  for (const int label : {3, 5}) {
    const ProgramResult alone = place.follow({}, jpeg(label));
    labels.push_back(shown(lines(alone.out).at(0)));
    for (int i = 0; i < 50; ++i) stream += jpeg(label);
  }
  REQUIRE(labels[0] != labels[1]);
  const std::vector<mien::Json> smooth =
      lines(place.follow({"--frame-rate", "25", "--hold", "0.4"}, stream).out);
  REQUIRE(smooth.size() == 100);
  CHECK(shown(smooth[49]) == labels[0]);
  CHECK(shown(smooth[59]) == labels[0]);  // 0.4 s have not passed
  CHECK(shown(smooth[99]) == labels[1]);
  const std::vector<mien::Json> at_once =
      lines(place.follow({"--frame-rate", "25", "--hold", "0", "--smooth", "0"}, stream).out);
  CHECK(shown(at_once[51]) == labels[1]);
}

TEST_CASE("frames without compression, and faces that move", "[cli]") {
  const Studio place;
  const std::string cascade = place.write("squares.xml", bright_square().xml());
  std::string stream;
  for (Index i = 0; i < 10; ++i) stream += frame_with_square(20 + i, 30);
  stream += std::string(120 * 80, '\x14');
  const std::string file = place.write("frames.gray", stream);
  const std::vector<std::string> raw = {"--frame-format", "gray8", "--frame-size", "120x80",
                                        "--frame-rate",   "30",    "--cascade",    cascade,
                                        "--min-face",     "12"};
  const ProgramResult result =
      ferpredict(std::vector<std::string>{"--model", place.model, "--frames", file} + raw);
  CHECK(result.exit_code == 0);
  CHECK(result.err.starts_with(file + ": 11 frames in "));
  const std::vector<mien::Json> all = lines(result.out);
  REQUIRE(all.size() == 11);
  int found = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(all[i].at("detector").as_string() == "haar");
    for (const mien::Json& face : all[i].at("faces").as_array()) {
      CHECK(face.at("track").as_integer() == 1);
      ++found;
    }
  }
  CHECK(found >= 6);                              // the cascade wants the square where its windows lie
  CHECK(all[10].at("faces").as_array().empty());  // no face is no error in a stream

  const ProgramResult cut = place.follow(raw, stream.substr(0, stream.size() - 7));
  CHECK(cut.exit_code == 3);
  CHECK(contains(cut.err, "-: frame 11: ends after 9593 of 9600 bytes\n"));
  CHECK(lines(cut.out).size() == 11);
}

TEST_CASE("a stream is drawn into as MJPEG, into a file or to stdout", "[cli]") {
  const Studio place;
  const std::string cascade = place.write("squares.xml", bright_square().xml());
  std::string stream;
  for (int i = 0; i < 3; ++i) stream += frame_with_square(20, 30);
  const std::vector<std::string> raw = {"--frame-format", "gray8", "--frame-size", "120x80",
                                        "--cascade",      cascade, "--min-face",   "12",
                                        "--frame-rate",   "25"};
  const std::string file = place / "drawn.mjpeg";
  const ProgramResult both = place.follow(raw + std::vector<std::string>{"--draw", file}, stream);
  CHECK(both.exit_code == 0);
  CHECK(lines(both.out).size() == 3);
  const ProgramResult out = place.follow(raw + std::vector<std::string>{"--draw", "-"}, stream);
  CHECK(out.exit_code == 0);
  CHECK(out.out == read_text(file));  // pictures alone

  // And it is a stream that can be read again, with the face's frame in it.
  const ProgramResult again = place.follow({"--detector", "none"}, out.out);
  CHECK(lines(again.out).size() == 3);
  const std::vector<std::uint8_t> bytes(out.out.begin(), out.out.end());
  const mien::image::RgbImage first = mien::image::decode_rgb(bytes, "drawn");
  REQUIRE(first.width == 120);
  bool colored = false;
  for (std::size_t i = 0; i < first.pixels.size(); i += 3) {
    colored = colored || std::abs(first.pixels[i] - first.pixels[i + 2]) > 60;
  }
  CHECK(colored);

  const std::string source = place.write("frames.gray", stream);
  const ProgramResult over =
      ferpredict(std::vector<std::string>{"--model", place.model, "--frames", source, "--draw", source} + raw);
  CHECK(over.exit_code == 2);
  CHECK(contains(over.err, "would replace " + source + "; name another file"));
  CHECK(read_text(source) == stream);

  const std::string finder = place.write("finder.safetensors", "not to be emptied");
  const ProgramResult finders = ferpredict(
      {"--model", place.model, "--frames", source, "--face-model", finder, "--draw", finder, "--text"});
  CHECK(finders.exit_code == 2);
  CHECK(contains(finders.err, "would replace " + finder + "; name another file"));
  CHECK(read_text(finder) == "not to be emptied");
}

TEST_CASE("a stream as text has a line when what is shown changes", "[cli]") {
  const Studio place;
  std::string stream;
  for (const int label : {3, 5}) {
    for (int i = 0; i < 50; ++i) stream += jpeg(label);
  }
  const ProgramResult result =
      place.follow({"--text", "--frame-rate", "25", "--emoticon-style", "ascii"}, stream);
  CHECK(result.exit_code == 0);
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 2);
  CHECK(result.out.starts_with("0:00.00  #1 "));
  CHECK(contains(result.out, " % "));
  CHECK(contains(result.out, "\n0:02."));
}

TEST_CASE("a stream of few frames a second is followed, too", "[cli]") {
  const Studio place;
  const ProgramResult result = place.follow({"--frame-rate", "0.5"}, jpeg(3) + jpeg(3) + jpeg(3));
  CHECK(result.exit_code == 0);
  for (const mien::Json& line : lines(result.out)) CHECK(face_of(line).at("track").as_integer() == 1);
  CHECK(place.follow({"--smooth", "-0"}, jpeg(3) + jpeg(5)).exit_code == 0);
}

TEST_CASE("a stream in which faces cannot be looked for ends at once", "[cli]") {
  const Studio place;
  const std::string frame(100 * 100, '\x14');
  const ProgramResult result =
      ferpredict({"--model", place.model, "--min-neighbors", "3", "--frames", "-", "--frame-format", "gray8",
                  "--frame-size", "100x100"},
                 {.environment = {"MIEN_CASCADE=" + place / "no.xml"}, .input = frame + frame});
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
  CHECK(contains(result.err, "no.xml: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
}

TEST_CASE("an interrupted stream still says how fast it was", "[cli]") {
  const Studio place;
  const std::string file = place.write("frame.jpg", jpeg(3));
  const std::string command = "(cat '" + file + "'; sleep 5) | { '" FERPREDICT_PATH "' --model '" +
                              place.model + "' --frames - & pid=$!; sleep 1; kill -INT $pid; wait $pid; }";
  const ProgramResult result = run_program("/bin/bash", {"-c", "set -m; " + command});
  INFO(result.err);
  CHECK(contains(result.err, "-: 1 frames in "));
  CHECK(lines(result.out).size() == 1);
}

// Neither the lines nor the frames are read, so the program waits in the middle of writing them.
TEST_CASE("a stream is over after SIGTERM, too, when nobody takes what it writes", "[cli]") {
  const Studio place;
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += jpeg(3);
  for (const std::vector<std::string>& output : {std::vector<std::string>{}, {"--draw", "-"}}) {
    const std::string pipe = place / ("pipe" + std::to_string(output.size()));
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const int reader = ::open(pipe.c_str(), O_RDWR | O_NONBLOCK);
    REQUIRE(reader >= 0);
    REQUIRE(::fcntl(reader, F_SETPIPE_SZ, 4096) >= 4096);
    Program program(FERPREDICT_PATH, std::vector<std::string>{"--model", place.model, "--frames", "-"} + output,
                    {.input = stream, .stdout_path = pipe});
    pollfd written{reader, POLLIN, 0};
    REQUIRE(::poll(&written, 1, 60000) == 1);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    program.send(SIGTERM);
    const ProgramResult result = program.wait();
    ::close(reader);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, " frames in "));
    CHECK_FALSE(contains(result.err, "-: 1000 frames"));
  }
}

TEST_CASE("Ctrl-C ends the wait for who writes into a pipe", "[cli]") {
  const Studio place;
  REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
  Program program(FERPREDICT_PATH, {"--model", place.model, "--frames", place / "pipe"});
#ifdef MIEN_EMULATOR
  std::this_thread::sleep_for(std::chrono::seconds(15));  // until it has begun
#else
  std::this_thread::sleep_for(std::chrono::seconds(1));
#endif
  program.send(SIGINT);
  const ProgramResult result = program.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "pipe: 0 frames in "));
}

TEST_CASE("a damaged frame is named, and the next ones are looked at", "[cli]") {
  const Studio place;
  const std::string good = jpeg(3);
  const ProgramResult result = place.follow({}, good + good.substr(0, good.size() / 2) + good);
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, "-: frame 2: "));
  const std::vector<mien::Json> all = lines(result.out);
  REQUIRE(all.size() == 3);
  CHECK(keys(all[1]) == std::vector<std::string>{"frame", "error"});
  CHECK(face_of(all[2]).at("track").as_integer() == 1);
}

TEST_CASE("sources that cannot be read, and options that make no sense for a stream", "[cli]") {
  const Studio place;
  const ProgramResult camera = ferpredict({"--model", place.model, "--camera", place / "no-camera"});
  CHECK(camera.exit_code == 3);
  CHECK(contains(camera.err, "no-camera: "));
  const ProgramResult no_camera = ferpredict({"--model", place.model, "--camera", "/dev/null"});
  CHECK(no_camera.exit_code == 3);
  CHECK(contains(no_camera.err, "/dev/null: "));
  const ProgramResult file = ferpredict({"--model", place.model, "--frames", place / "no.mjpeg"});
  CHECK(file.exit_code == 3);
  CHECK(contains(file.err, "no.mjpeg: No such file or directory"));
  CHECK(place.follow({}, "").exit_code == 0);
  CHECK(place.follow({}, "no frames at all").exit_code == 3);

  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  const std::vector<Case> cases = {
      {{"--frame-format", "gray8"}, "--frame-format gray8 requires --frame-size"},
      {{"--frame-format", "rgb24", "--frame-size", "120"}, "expected WIDTHxHEIGHT"},
      {{"--frame-format", "yuyv422", "--frame-size", "0x80"}, "expected WIDTHxHEIGHT"},
      {{"--frame-format", "yuyv422", "--frame-size", "121x80"}, "even width"},
      {{"--frame-size", "120x80"}, "--frame-size goes with --camera or a --frame-format other than mjpeg"},
      {{"--camera", "/dev/video0"}, "excludes"},
      {{"--top", "2"}, "--top: frames are a line of JSON each, or --text"},
      {{"--csv-out"}, "--csv-out: frames are a line of JSON each, or --text"},
      {{"--draw", "-", "--text"}, "--text: --draw - has stdout"},
      {{"--draw", place / "x.png"},
       "frames are written as MJPEG, not as a picture; name a file like out.mjpeg, or -"},
      {{"--html", place / "x.html"}, "--html requires images"},
      {{place / "x.png"}, "either images or --frames, not both"},
  };
  for (const Case& c : cases) {
    const ProgramResult result = place.follow(c.arguments, "");
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, c.message));
  }
  const ProgramResult alone = ferpredict({"--model", place.model, "--frame-rate", "3", place / "x.png"});
  CHECK(alone.exit_code == 2);
  CHECK(contains(alone.err, "--frame-rate requires --frames"));
}
