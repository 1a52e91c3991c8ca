#include "mien/reader/frame_rate.hpp"

#include "support/catch.hpp"

TEST_CASE("frames a second are those of the last second or so") {
  mien::reader::FrameRate rate;
  CHECK_FALSE(rate.update(5));
  CHECK_FALSE(rate.update(5));
  double time = 5;
  for (int i = 0; i < 50; ++i) rate.update(time += 0.04);
  CHECK(rate.update(time += 0.04).value() == Approx(25).epsilon(0.1));
  for (int i = 0; i < 100; ++i) rate.update(time += 0.1);
  CHECK(rate.update(time += 0.1).value() == Approx(10).epsilon(0.001));
}
