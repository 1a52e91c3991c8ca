// The contact sheet that ferpredict --html writes.
#include "cli_album.hpp"
#include "mien/image/png.hpp"
#include "support/markup.hpp"

using namespace mien::test;

TEST_CASE("a contact sheet has every face, by expression, the surest first", "[cli]") {
  const Album place;
  std::filesystem::create_directories(place.path() / "in here");
  std::filesystem::create_directories(place.path() / "out");
  const std::string odd = "a&b <i>#1.pgm";
  for (const char* name : {"two.pgm", "one.pgm", "none.pgm"}) {
    std::filesystem::copy_file(place.path() / name, place.path() / "in here" / name);
  }
  std::filesystem::copy_file(place.path() / "one.pgm", place.path() / "in here" / odd);
  place.write("in here/broken.png", "no picture");
  const std::string sheet = place / "out/sheet.html";
  const ProgramResult result = place.predict({place / "in here", "--html", sheet});
  CHECK(result.exit_code == 3);  // one could not be read
  CHECK(contains(result.out, "two.pgm: 2 faces"));
  CHECK(contains(result.err, sheet + ": 4 faces in 5 images\n"));
  const std::string page = read_text(sheet);
  CHECK(self_contained(page));
  CHECK(contains(page, "<title>4 faces in 5 images</title>"));
  CHECK(occurrences(page, "<img ") == 4);
  CHECK(occurrences(page, "href=\"../in%20here/one.pgm\"") == 2);  // picture and name
  CHECK(contains(page, "href=\"../in%20here/a%26b%20%3Ci%3E%231.pgm\""));
  CHECK(contains(page, ">a&amp;b &lt;i&gt;#1.pgm</a>"));
  CHECK(contains(page, "none.pgm</a></th><td>no face found</td>"));
  CHECK(contains(page, "broken.png</a></th><td>not read</td>"));

  std::vector<double> shares;  // of one section at least they fall
  for (std::size_t at = page.find("<figcaption>"); at != page.npos; at = page.find("<figcaption>", at + 1)) {
    const std::size_t section = page.rfind("<section>", at), last = page.rfind("<figcaption>", at - 1);
    const double share = std::strtod(page.c_str() + at + 12, nullptr);
    if (last != page.npos && last > section) CHECK(share <= shares.back());
    shares.push_back(share);
  }
  CHECK(shares.size() == 4);
}

TEST_CASE("a contact sheet of other classes than expressions speaks of pictures", "[cli]") {
  const TemporaryFolder place;
  mien::model::ModelFile model;
  model.spec = mien::model::ModelSpec::from_text("input 3 4 4 | globalpool");
  model.labels = {"red", "green", "blue"};
  model.whole_pictures = true;
  const std::string file = (place / "colors.safetensors").string(), sheet = (place / "sheet.html").string();
  mien::model::write_model(file, model);
  for (const char* folder : {"a", "b"}) {
    std::filesystem::create_directories(place / folder);
    mien::image::write_png(place / folder / "same.png", 4, 4, 3, std::vector<std::uint8_t>(48, 90));
  }
  mien::image::write_png(place / "b/own.png", 4, 4, 3, std::vector<std::uint8_t>(48, 90));
  const ProgramOptions here{.folder = place.path()};
  const ProgramResult result = ferpredict({"--model", file, "a", "b", "--html", sheet}, here);
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, sheet + ": 3 pictures\n"));
  const std::string page = read_text(sheet);
  CHECK(contains(page, "<title>3 pictures</title>"));
  CHECK_FALSE(contains(page, " face"));
  // Two that have one file name are told apart by their folders.
  CHECK(contains(page, ">a/same.png</a>"));
  CHECK(contains(page, ">b/same.png</a>"));
  CHECK(contains(page, ">own.png</a>"));

  mien::write_file_atomically(place / "a/broken.png", "no picture");
  CHECK(contains(ferpredict({"--model", file, "a", "--html", sheet}, here).err, sheet + ": 1 of 2 pictures\n"));
  CHECK_FALSE(contains(read_text(sheet), " face"));

  // Unless faces are looked for in them.
  const ProgramResult searched =
      ferpredict({"--model", file, "b/own.png", "--detector", "network", "--html", sheet}, here);
  CHECK(contains(searched.err, sheet + ": 0 faces in 1 image\n"));
}

TEST_CASE("a contact sheet replaces no image, and needs some", "[cli]") {
  const Album place;
  const std::string before = read_text(place.two);
  const ProgramResult over = place.predict({place.two, "--html", place.two});
  CHECK(over.exit_code == 2);
  CHECK(contains(over.err, "would replace " + place.two + "; name another file"));
  CHECK(read_text(place.two) == before);
  CHECK(contains(ferpredict({"--model-info", "--html", "x.html"}).err, "--html requires images"));
  const ProgramResult nowhere = place.predict({place.two, "--html", place / "no/sheet.html"});
  CHECK(nowhere.exit_code == 3);
  CHECK(contains(nowhere.err, "no folder " + place / "no"));
  const ProgramResult stdout_asked = place.predict({place.two, "--html", "-"});
  CHECK(stdout_asked.exit_code == 2);
  CHECK(contains(stdout_asked.err, "--html -: name a file"));
}
