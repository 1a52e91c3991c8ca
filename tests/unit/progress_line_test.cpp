// Lines about a run's progress, and what becomes of them where there is less room.
#include "fertrain/progress_line.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

namespace {

using fertrain::evaluation_line;
using fertrain::fitted;
using fertrain::progress_line;
using fertrain::ProgressView;

// Of characters that take one each.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

ProgressView view() {
  return {.step = 1230,
          .last_step = 5740,
          .steps_per_epoch = 574,
          .loss = 1.23456,
          .accuracy = 0.4521,
          .images_per_second = 345.4,
          .seconds_left = 754,
          .doing = {}};
}

}  // namespace

TEST_CASE("a progress line with room says everything, with a bar of thirty columns at most") {
  CHECK(
      progress_line(view(), 200, false) ==
      "epoch 3/10  step 1230/5740  ######........................  loss 1.2346  accuracy 45.2 %  345 images/s  "
      "ETA 12:34");
}

TEST_CASE("a progress line of 79, 59 and 39 columns drops what matters less") {
  CHECK(progress_line(view(), 79, false) ==
        "epoch 3/10  step 1230/5740  #.......  loss 1.2346  45.2 %  345 img/s  ETA 12:34");
  CHECK(progress_line(view(), 59, false) == "epoch 3/10  ###............  loss 1.2346  45.2 %  ETA 12:34");
  CHECK(progress_line(view(), 39, false) == "###............  loss 1.2346  ETA 12:34");
}

TEST_CASE("no progress line is wider than it may be") {
  ProgressView large = view();
  large.last_step = 123456789012;
  large.step = 98765432109;
  large.loss = -1.2345e300;
  large.images_per_second = 1e9;
  large.seconds_left = 1e9;
  ProgressView busy = view();
  busy.doing = "writing a checkpoint";
  ProgressView unplanned = view();
  unplanned.last_step = 0;
  for (const ProgressView& v : {view(), large, busy, unplanned, ProgressView{}}) {
    for (std::size_t width = 0; width <= 200; ++width) {
      INFO(width);
      for (const bool utf8 : {false, true}) CHECK(columns(progress_line(v, width, utf8)) <= width);
    }
  }
}

TEST_CASE("a progress line takes the room there is for its bar") {
  for (std::size_t width = 40; width < 50; ++width) CHECK(progress_line(view(), width, false).size() == width);
}

TEST_CASE("the bar is of blocks where UTF-8 is read, and ASCII elsewhere") {
  const std::string plain = progress_line(view(), 79, false), blocks = progress_line(view(), 79, true);
  CHECK(std::all_of(plain.begin(), plain.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  CHECK(contains(blocks, "  █░░░░░░░  "));
  CHECK(columns(blocks) == columns(plain));
}

TEST_CASE("what is done instead of steps stays to the last") {
  ProgressView v = view();
  v.doing = "evaluating";
  CHECK(progress_line(v, 79, false).ends_with("  345 img/s  evaluating"));
  CHECK(progress_line(v, 12, false) == "evaluating");
  CHECK(progress_line(v, 4, false) == "eval");
}

TEST_CASE("a run whose end is not known yet has neither bar nor time left") {
  ProgressView v = view();
  v.last_step = 0;
  CHECK(progress_line(v, 79, false) == "epoch 3  step 1230  loss 1.2346  accuracy 45.2 %  345 images/s");
}

TEST_CASE("a run beyond its end has a full bar") {
  ProgressView v = view();
  v.step = 6000;
  v.seconds_left = 0;
  CHECK(contains(progress_line(v, 79, false), "  ########  "));
}

TEST_CASE("fields go by their rank, and empty ones take no room") {
  CHECK(fitted({{"a", "", 1}, {"", "", 0}, {"b", "", 2}}, 10) == "a  b");
  CHECK(fitted({{"aaaa", "aa", 1}, {"bbbb", "b", 2}, {"cccc", "", 0}}, 11) == "aa  b  cccc");
  CHECK(fitted({{"aaaa", "aa", 1}, {"bbbb", "b", 2}, {"cccc", "", 0}}, 10) == "aa  cccc");
}

TEST_CASE("the line about an evaluation is short on a narrow terminal, and whole in the log") {
  const mien::train::MetricRow row{.step = 700,
                                   .epoch = 25,
                                   .train_loss = 0.0201,
                                   .train_accuracy = 0.9971,
                                   .validation_loss = 0.1313,
                                   .validation_accuracy = 0.95,
                                   .learning_rate = 0,
                                   .images_per_second = 345,
                                   .seconds = 12};
  const std::string whole =
      "epoch 25.00  step 700  training loss 0.0201 accuracy 99.71 %  validation loss 0.1313 accuracy 95.00 %  "
      "345 images/s  0:12  *";
  CHECK(evaluation_line(row, true) == whole);
  CHECK(evaluation_line(row, true, 200) == whole);
  CHECK(evaluation_line(row, true, 79) ==
        "epoch 25.00  training 0.0201, 99.71 %  validation 0.1313, 95.00 %  0:12  *");
  CHECK(evaluation_line(row, true, 59) == "epoch 25.00  validation 0.1313, 95.00 %  *");
  CHECK(evaluation_line(row, false, 39) == "epoch 25.00  validation 0.1313, 95.00 %");
  CHECK(evaluation_line(row, true, 38) == "validation 0.1313, 95.00 %  *");
  for (std::size_t width = 0; width < 150; ++width) CHECK(evaluation_line(row, true, width).size() <= width);
}
