// The contact sheet that ferpredict --html writes.
#include "cli_album.hpp"
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
