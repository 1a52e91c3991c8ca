// fertrain on data it cannot use: the exit code, and a message that says where to look.
#include "cli.hpp"

namespace {

using namespace mien::test;

// Lines of the tiny file: 1 header, 2 .. 15 Training (labels 0 0 1 1 ..), 16 .. 22, 23 .. 29.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

// The tiny file with line 3 replaced.
std::string with_line3(const std::string& line) {
  std::vector<std::string> lines = lines_of(faces_csv());
  lines[2] = line;
  return joined(lines);
}

std::string line_of(const std::string& label, const std::string& pixels, const std::string& usage) {
  return label + "," + pixels + "," + usage + "\n";
}

// `count` pixels, the fifth of them `fifth`.
std::string pixels(int count, const std::string& fifth = "7") {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + (i == 4 ? fifth : std::string("10"));
  return text;
}

ProgramResult train_on(const Workplace& place, const std::vector<std::string>& more = {}) {
  return fertrain(place.training() + std::vector<std::string>{"--steps", "1"} + more);
}

}  // namespace

TEST_CASE("fertrain names line, column and value of what is wrong in a CSV and exits with 3", "[cli]") {
  struct Case {
    std::string csv;
    std::string place;  // behind the file's name
  };
  const std::vector<Case> cases = {
      {"", ": the file is empty\n"},
      {kCsvHeader, ": no rows behind the first line\n"},
      {"emotion,Usage\n0,Training\n",
       ":1:1: no column named \"pixels\", the first line has \"emotion\", \"Usage\"\n"},
      {with_line3(line_of("0", pixels(2303), "Training")), ":3:3: expected 2304 pixels, found 2303\n"},
      {with_line3(line_of("0", pixels(2305), "Training")), ":3:3: expected 2304 pixels, found 2305\n"},
      {with_line3(line_of("0", pixels(2304, "256"), "Training")),
       ":3:15: pixel 5 is 256, expected an integer 0 to 255\n"},
      {with_line3(line_of("0", pixels(2304, "-1"), "Training")),
       ":3:15: pixel 5 is -1, expected an integer 0 to 255\n"},
      {with_line3(line_of("0", pixels(2304, "1.5"), "Training")),
       ":3:15: pixel 5 is 1.5, expected an integer 0 to 255\n"},
      {with_line3(line_of("0", pixels(2304, "abc"), "Training")),
       ":3:15: pixel 5 is \"abc\", expected an integer 0 to 255\n"},
      {with_line3(line_of("7", pixels(2304), "Training")), ":3:1: emotion is 7, expected an integer 0 to 6\n"},
      {with_line3(line_of("0", pixels(2304), "Tested")),
       ":3:6914: Usage is \"Tested\", expected Training, PublicTest or PrivateTest (or Train, Validation, "
       "Test)\n"},
      {with_line3(line_of("0", pixels(2304, std::string(1, '\0')), "Training")),
       ":3:15: a zero byte: this is not a text file\n"},
      {with_line3("\n"), ":3:1: an empty line within the table\n"},
      {faces_csv().substr(0, faces_csv().size() - 100),
       " (the file ends within this line: it may be cut short)\n"},
  };
  for (const Case& c : cases) {
    const Workplace place(c.csv);
    const ProgramResult result = train_on(place);
    INFO(c.place << " <- " << result.err);
    CHECK(result.exit_code == 3);
    CHECK(result.err.starts_with(place / "faces.csv:"));
    CHECK(result.err.ends_with(c.place));
    CHECK(result.out.empty());
    CHECK_FALSE(place.has("run"));
  }
}

TEST_CASE("fertrain says which line of a truncated CSV is the last", "[cli]") {
  const std::string csv = faces_csv();
  const Workplace place(csv.substr(0, csv.size() - 100));
  CHECK(contains(train_on(place).err, "faces.csv:29:"));
}

TEST_CASE("fertrain names a CSV that is not there and exits with 3", "[cli]") {
  const Workplace place;
  std::filesystem::remove(place / "faces.csv");
  std::filesystem::create_directory(place / "run");
  const ProgramResult result = train_on(place);
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, place / "faces.csv: No such file or directory"));
  CHECK(place.has("run"));  // was there before
}

TEST_CASE("fertrain reads a compressed CSV whatever its name", "[cli]") {
  const Workplace place;
  std::filesystem::copy_file(MIEN_SAMPLE_FOLDER "/faces.csv.gz", place / "faces.csv",
                             std::filesystem::copy_options::overwrite_existing);
  const ProgramResult result = train_on(place, {"--dry-run"});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "images                        700          140          140\n"));
}

TEST_CASE("fertrain holds rows out of a CSV without the column Usage, and ferpredict measures any of them",
          "[cli]") {
  std::string csv = "emotion,pixels\n";
  for (int label = 0; label < 7; ++label) {
    for (int i = 0; i < 6; ++i) {
      const std::string line = csv_line(label, "", static_cast<std::uint64_t>(i));
      csv += line.substr(0, line.size() - 2) + "\n";
    }
  }
  const Workplace place(csv);
  const ProgramResult result = train_on(place);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const std::string note =
      "no column named \"Usage\": 7 rows, a tenth of each class, are PublicTest, the validation rows that "
      "training holds out";
  CHECK(contains(result.err, note));
  CHECK(contains(read_text(place / "run/log.txt"), note));
  const mien::Json data = json_of(read_text(place / "run/args.json")).at("data");
  CHECK(data.at("trained_on").as_integer() == 35);
  CHECK(data.at("notes").as_array().at(0).as_string() == note);
  CHECK(fertrain({"--resume", place / "run", "--steps", "2"}).exit_code == 0);

  const auto measured = [&](const std::vector<std::string>& more) {
    const std::vector<std::string> base{"--model", place / "run/best.safetensors", "--csv",
                                        place / "faces.csv"};
    const ProgramResult all = ferpredict(base + more);
    INFO(all.err);
    REQUIRE(all.exit_code == 0);
    return all;
  };
  CHECK(measured({}).out.starts_with("all accuracy "));
  CHECK(contains(measured({}).err, note));
  CHECK(contains(
      measured({}).err,
      "all rows are measured; where the model has learned from them, --usage validation measures those "
      "that it has not\n"));
  CHECK(contains(measured({}).out, " of 42, "));
  CHECK(contains(measured({"--usage", "Training"}).out, " of 35, "));
  CHECK(json_of(measured({"--usage", "PublicTest", "--json"}).out) ==
        json_of(read_text(place / "run/report.json")));
  // A temperature comes from rows that were held out.
  CHECK(measured({"--calibrate", place / "fitted.safetensors"}).out.starts_with("PublicTest, 7 rows"));
  // Of a single row none is, and nothing is said of such.
  const std::string one = place.write("one.csv", csv.substr(0, csv.find('\n', csv.find('\n') + 1) + 1));
  CHECK(contains(ferpredict({"--model", place / "run/best.safetensors", "--csv", one}).err,
                 ": all rows are measured\n"));
}

TEST_CASE("fertrain --classes says what numbers mean, and a resumed run knows", "[cli]") {
  const std::string order = "neutral,happy,surprise,sad,angry,disgust,fear";
  const Workplace place;
  const ProgramResult result = train_on(place, {"--classes", order});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(contains(result.err, "neutral                         2            1            1\n"));
  CHECK(json_of(read_text(place / "run/args.json")).at("data").at("classes").as_array().size() == 7);
  CHECK(fertrain({"--resume", place / "run", "--steps", "2"}).exit_code == 0);
  CHECK(contains(fertrain({"--resume", place / "run", "--classes", order}).err, "--classes is fixed"));
  const std::vector<std::string> measure{"--model", place / "run/best.safetensors", "--csv",
                                         place / "faces.csv"};
  const ProgramResult same = ferpredict(measure + std::vector<std::string>{"--classes", order, "--json"});
  CHECK(json_of(same.out) == json_of(read_text(place / "run/report.json")));
  CHECK(ferpredict(measure + std::vector<std::string>{"--json"}).out != same.out);

  const ProgramResult wrong = train_on(place, {"--dry-run", "--classes", "happy,joyful"});
  CHECK(wrong.exit_code == 2);
  CHECK(contains(wrong.err, "[classes] \"joyful\": expected one of "));
  const Workplace named(std::string(kCsvHeader) + "happy" + csv_line(3, "Training", 0).substr(1));
  const ProgramResult unused = train_on(named, {"--dry-run", "--classes", order});
  CHECK(unused.exit_code == 2);
  CHECK(contains(unused.err, "--classes requires data that number their classes, and "));
}

TEST_CASE("fertrain needs Training rows of every class, unless told otherwise", "[cli]") {
  std::vector<std::string> lines = lines_of(faces_csv());
  lines.erase(lines.begin() + 3, lines.begin() + 5);  // the two of class 1
  const Workplace place(joined(lines));
  const ProgramResult refused = train_on(place);
  CHECK(refused.exit_code == 3);
  CHECK(
      contains(refused.err,
               "faces.csv: no Training rows of class 1 (disgust); --allow-absent-classes trains without it\n"));
  const ProgramResult allowed = train_on(place, {"--allow-absent-classes"});
  INFO(allowed.err);
  CHECK(allowed.exit_code == 0);
  CHECK(fertrain({"--resume", place / "run", "--steps", "6"}).exit_code == 0);  // what was allowed stays so

  lines.erase(lines.begin() + 1, lines.begin() + 13);
  const Workplace without(joined(lines));
  const ProgramResult none = train_on(without);
  CHECK(none.exit_code == 3);
  CHECK(contains(none.err, "faces.csv: no Training rows\n"));
}

TEST_CASE("fertrain names an output folder that cannot be made and exits with 3", "[cli]") {
  const Workplace place;
  place.write("run", "in the way");
  const ProgramResult result = fertrain({"--csv", place / "faces.csv", "--model", place / "tiny.spec", "--out",
                                         place / "run/deeper", "--steps", "1"});
  CHECK(result.exit_code == 3);
  CHECK(contains(result.err, place / "run/deeper: Not a directory"));
}

TEST_CASE("fertrain --drop-leaks leaves out Training rows that a test split has too", "[cli]") {
  std::vector<std::string> lines = lines_of(faces_csv());
  lines.push_back(csv_line(3, "PrivateTest", 1));  // as in line 9
  const Workplace place(joined(lines));
  const ProgramResult kept = train_on(place);
  REQUIRE(kept.exit_code == 0);
  CHECK(contains(kept.err, "also in PrivateTest             1            0            0\n"));
  CHECK(json_of(read_text(place / "run/args.json")).at("data").at("trained_on").as_integer() == 14);

  std::filesystem::remove_all(place / "run");
  REQUIRE(train_on(place, {"--drop-leaks"}).exit_code == 0);
  const mien::Json data = json_of(read_text(place / "run/args.json")).at("data");
  CHECK(data.at("trained_on").as_integer() == 13);
  CHECK(data.at("drop_leaks").as_bool());
}

TEST_CASE("fertrain names the place in a spec that cannot be built and exits with 2", "[cli]") {
  struct Case {
    const char* spec;
    const char* message;
  };
  const Case cases[] = {
      {"conv 4 5\nconf 4 5\ndense 7\n",
       "tiny.spec:2:1: unknown layer `conf`; known: input, conv, dwconv, maxpool,"},
      {"conv 4 49 valid\ndense 7\n", "tiny.spec:1:1: [conv1] "},
      {"dense 7\nmaxpool 2 2\n", "tiny.spec:2:1: [maxpool1] needs an image, its input is 7\n"},
      {"conv 7 5\n", "[conv1] the last layer must give one value a class, it gives 7x48x48\n"},
      {"conv 4 5 sane\ndense 7\n", "tiny.spec:1:10: unexpected `sane`\n"},
      {"conv x 5\ndense 7\n", "tiny.spec:1:6: a number of filters must be an integer 1 to 65536, found `x`\n"},
      {"", "tiny.spec:1:1: no layers\n"},
      {"dense 6\n", "[train] the model gives 6 classes, the data have 7\n"},
      {"input 1 40 40\ndense 7\n", "[train] the model takes 1x40x40 images, the data are 1x48x48\n"},
  };
  for (const Case& c : cases) {
    const Workplace place(faces_csv(), c.spec);
    const ProgramResult result = train_on(place);
    INFO(c.message << " <- " << result.err);
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, c.message));
  }
}
