#include "mien/core/error.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

#if __has_include(<linux/videodev2.h>)

#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "ferpredict/live/camera_v4l2.hpp"
#include "integration/cli_images.hpp"

using namespace ferpredict::live;

namespace {

// A picture as the driver delivers it.
struct Shot {
  std::string bytes;
  unsigned flags = 0;
};

// What one call of wait sees happen; nothing: the time is up.
using Happens = std::vector<Shot>;

// A driver and its camera, which also say what was done with them.
struct World {
  unsigned capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  std::vector<unsigned> formats = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV};
  bool refuses_formats = false;  // instead of changing them to the first that it has
  unsigned width = 4, height = 2, bytesperline = 8;
  unsigned long failing = 0;  // the request that fails with EBUSY
  int interruptions = 0;      // how many calls a signal interrupts before the next one gets through

  std::deque<Happens> script;
  std::vector<std::pair<unsigned, unsigned>> wishes;  // sizes
  std::vector<std::vector<char>> memory = std::vector<std::vector<char>>(4, std::vector<char>(20000));
  std::deque<unsigned> empty;                  // buffers the driver may fill
  std::deque<std::pair<unsigned, Shot>> full;  // buffers it has filled
  int mapped = 0, waits = 0, last_wait_ms = 0;
  bool streaming = false, is_open = true;
};

class FakeDevice final : public VideoDevice {
 public:
  explicit FakeDevice(World& world) : world_(world) {}
  ~FakeDevice() override { world_.is_open = false; }

  int control(unsigned long request, void* argument) override {
    if (interrupted()) return fail(EINTR);
    if (request == world_.failing) return fail(EBUSY);
    switch (request) {
      case VIDIOC_QUERYCAP:
        return capability(*static_cast<v4l2_capability*>(argument));
      case VIDIOC_S_FMT:
        return set_format(static_cast<v4l2_format*>(argument)->fmt.pix);
      case VIDIOC_REQBUFS:
        static_cast<v4l2_requestbuffers*>(argument)->count = static_cast<unsigned>(world_.memory.size());
        return 0;
      case VIDIOC_QUERYBUF:
        return describe(*static_cast<v4l2_buffer*>(argument));
      case VIDIOC_QBUF:
        world_.empty.push_back(static_cast<v4l2_buffer*>(argument)->index);
        return 0;
      case VIDIOC_DQBUF:
        return take(*static_cast<v4l2_buffer*>(argument));
      case VIDIOC_STREAMON:
      case VIDIOC_STREAMOFF:
        world_.streaming = request == VIDIOC_STREAMON;
        return 0;
      default:
        return fail(ENOTTY);
    }
  }

  void* map(std::size_t, std::int64_t offset) override {
    ++world_.mapped;
    return world_.memory[static_cast<std::size_t>(offset)].data();
  }
  void unmap(void*, std::size_t) override { --world_.mapped; }

  int wait(int milliseconds) override {
    if (interrupted()) return fail(EINTR);
    ++world_.waits;
    world_.last_wait_ms = milliseconds;
    if (world_.script.empty()) return world_.full.empty() ? 0 : 1;
    for (Shot& shot : world_.script.front()) shoot(std::move(shot));
    world_.script.pop_front();
    return world_.full.empty() ? 0 : 1;
  }

 private:
  static int fail(int error) {
    errno = error;
    return -1;
  }

  bool interrupted() {
    if (world_.interruptions == 0) return false;
    return ++calls_ % (world_.interruptions + 1) != 0;
  }

  int capability(v4l2_capability& capability) const {
    if (world_.capabilities == 0) return fail(ENOTTY);
    // The whole device can more than this part of it.
    capability.capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    capability.device_caps = world_.capabilities;
    return 0;
  }

  int set_format(v4l2_pix_format& pixels) {
    world_.wishes.emplace_back(pixels.width, pixels.height);
    const auto& has = world_.formats;
    if (std::find(has.begin(), has.end(), pixels.pixelformat) == has.end()) {
      if (world_.refuses_formats) return fail(EINVAL);
      pixels.pixelformat = has.front();
    }
    pixels.width = world_.width;
    pixels.height = world_.height;
    pixels.bytesperline = world_.bytesperline;
    return 0;
  }

  int describe(v4l2_buffer& buffer) const {
    buffer.length = static_cast<unsigned>(world_.memory[buffer.index].size());
    buffer.m.offset = buffer.index;
    return 0;
  }

  // A shot for which no buffer is empty is lost.
  void shoot(Shot shot) {
    if (world_.empty.empty()) return;
    const unsigned index = world_.empty.front();
    world_.empty.pop_front();
    std::copy(shot.bytes.begin(), shot.bytes.end(), world_.memory[index].begin());
    world_.full.emplace_back(index, std::move(shot));
  }

  int take(v4l2_buffer& buffer) {
    if (world_.full.empty()) return fail(EAGAIN);
    const auto& [index, shot] = world_.full.front();
    buffer.index = index;
    buffer.flags = shot.flags;
    buffer.bytesused = static_cast<unsigned>(shot.bytes.size());
    world_.full.pop_front();
    return 0;
  }

  World& world_;
  int calls_ = 0;
};

std::unique_ptr<FrameSource> start(World& world, const CameraOptions& options = {}) {
  return start_camera(std::make_unique<FakeDevice>(world), "cam", options);
}

std::string error_of_start(World& world, const CameraOptions& options = {}) {
  try {
    start(world, options);
  } catch (const mien::Error& error) {
    CHECK(world.mapped == 0);
    CHECK_FALSE(world.is_open);
    return error.what();
  }
  return "no error";
}

std::string error_of_next(FrameSource& source) {
  return mien::test::error_of([&] { source.next(); });
}

// Rows of 8 bytes: 4 pixels of that luma each.
Shot yuyv(char luma) {
  Shot shot;
  for (int i = 0; i < 8; ++i) shot.bytes += {luma, '\x80'};
  return shot;
}

World yuyv_world() {
  World world;
  world.formats = {V4L2_PIX_FMT_YUYV};
  return world;
}

// The luma of the next frame; -1 when there is none.
int next_luma(FrameSource& source) {
  const std::optional<Frame> frame = source.next();
  return frame ? frame->image.pixels.at(0) : -1;
}

}  // namespace

TEST_CASE("a camera gives MJPEG when it can, and everything is given back") {
  World world;
  world.interruptions = 2;
  std::vector<std::uint8_t> pixels(48 * 48, 100);
  world.script = {{{mien::test::encoded("jpg", pixels)}}};
  {
    const auto camera = start(world, {.width = 320, .height = 240});
    CHECK(world.wishes == std::vector<std::pair<unsigned, unsigned>>{{320, 240}});
    CHECK(world.streaming);
    CHECK(world.mapped == 4);
    const std::optional<Frame> frame = camera->next();
    REQUIRE(frame.has_value());
    CHECK(frame->image == mien::image::GrayImage{48, 48, pixels});
    CHECK(world.last_wait_ms > 4000);
    CHECK(world.last_wait_ms <= 5000);
    CHECK(world.empty.size() == 4);
  }
  CHECK_FALSE(world.streaming);
  CHECK(world.mapped == 0);
  CHECK_FALSE(world.is_open);
}

TEST_CASE("a camera without MJPEG gives YUYV, whose rows may be longer than they need to be") {
  for (const bool refuses : {false, true}) {
    World world = yuyv_world();
    world.refuses_formats = refuses;
    world.bytesperline = 11;
    world.script = {{{"\1u\2v\3u\4v---\5u\6v\7u\10v"}}};
    const auto camera = start(world);
    CHECK(world.wishes == std::vector<std::pair<unsigned, unsigned>>{{640, 480}, {640, 480}});
    const std::optional<Frame> frame = camera->next();
    REQUIRE(frame.has_value());
    CHECK(frame->image == mien::image::GrayImage{4, 2, {1, 2, 3, 4, 5, 6, 7, 8}});
  }
}

TEST_CASE("what is no camera, or none that is understood, is refused") {
  World world;
  world.capabilities = 0;
  CHECK(error_of_start(world) == "cam: not a camera");
  world.capabilities = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING;
  CHECK(error_of_start(world) == "cam: a video device, but none that captures");
  world.capabilities = V4L2_CAP_VIDEO_CAPTURE;
  CHECK(error_of_start(world) == "cam: the camera does not stream");
  world = World();
  world.formats = {V4L2_PIX_FMT_NV12};
  CHECK(error_of_start(world) == "cam: the camera gives neither MJPEG nor YUYV but \"NV12\"");
  world.refuses_formats = true;
  CHECK(error_of_start(world) == "cam: the camera gives neither MJPEG nor YUYV");
  world = yuyv_world();
  world.bytesperline = 7;
  CHECK(error_of_start(world) == "cam: the camera wants to give 4x2 pixels in rows of 7 bytes");
  world = World();
  world.memory.resize(1);
  CHECK(error_of_start(world) == "cam: the camera has too few buffers");
}

TEST_CASE("a camera that fails to start is let go") {
  const std::pair<unsigned long, const char*> requests[] = {{VIDIOC_S_FMT, "cannot set the format"},
                                                            {VIDIOC_REQBUFS, "cannot get buffers"},
                                                            {VIDIOC_QUERYBUF, "cannot get a buffer"},
                                                            {VIDIOC_QBUF, "cannot give a buffer back"},
                                                            {VIDIOC_STREAMON, "cannot start the stream"}};
  for (const auto& [request, problem] : requests) {
    World world;
    world.failing = request;
    CHECK(error_of_start(world) == "cam: " + std::string(problem) + ": Device or resource busy");
  }
}

TEST_CASE("a camera that gives no frame in time, or fails, is at its end") {
  World world = yuyv_world();
  world.script = {{yuyv(1)}};
  const auto silent = start(world);
  CHECK(next_luma(*silent) == 1);
  CHECK(error_of_next(*silent) == "cam: no frame within 5 s");
  world.script = {{yuyv(2)}};
  CHECK(next_luma(*silent) == -1);

  World gone = yuyv_world();
  const auto broken = start(gone, {.timeout = std::chrono::milliseconds(1500)});
  gone.script = {{yuyv(1)}};
  gone.failing = VIDIOC_DQBUF;
  CHECK(error_of_next(*broken) == "cam: cannot get a frame: Device or resource busy");
  CHECK(next_luma(*broken) == -1);
}

TEST_CASE("of the frames that are ready the newest is taken") {
  World world = yuyv_world();
  const auto camera = start(world);
  world.script = {{yuyv(1), yuyv(2), yuyv(3)}, {yuyv(4)}};
  CHECK(next_luma(*camera) == 3);
  CHECK(world.empty.size() == 4);
  CHECK(next_luma(*camera) == 4);
}

TEST_CASE("when all the buffers were full, a later frame is waited for") {
  World world = yuyv_world();
  const auto camera = start(world);
  world.script = {{yuyv(1), yuyv(2), yuyv(3), yuyv(4), yuyv(5), yuyv(6)}, {yuyv(7)}, {yuyv(8)}};
  CHECK(next_luma(*camera) == 7);
  CHECK(world.waits == 2);
  CHECK(next_luma(*camera) == 8);
  // Once: a camera that is faster than this program must not starve it.
  const Happens many(4, yuyv(9));
  world.script = {many, many, many};
  CHECK(next_luma(*camera) == 9);
  CHECK(world.script.size() == 1);
  CHECK(world.empty.size() == 4);
}

TEST_CASE("frames that the driver marks as damaged, and empty ones, are dropped") {
  World world = yuyv_world();
  const auto camera = start(world);
  Shot damaged = yuyv(9);
  damaged.flags = V4L2_BUF_FLAG_ERROR;
  world.script = {{damaged}, {Shot{}}, {yuyv(1), damaged}, {damaged}};
  CHECK(next_luma(*camera) == 1);
  CHECK(world.empty.size() == 4);
  CHECK(error_of_next(*camera) == "cam: no frame within 5 s");
}

TEST_CASE("a frame that cannot be decoded is named, and its buffer comes back") {
  World world = yuyv_world();
  const auto camera = start(world);
  world.script = {{yuyv(1)}, {{"short"}}, {yuyv(3)}};
  CHECK(next_luma(*camera) == 1);
  CHECK(error_of_next(*camera) == "cam: frame 2: ends after 5 of 16 bytes");
  CHECK(world.empty.size() == 4);
  CHECK(next_luma(*camera) == 3);

  World jpegs;
  const auto other = start(jpegs);
  jpegs.script = {{{"\xff\xd8\xff"}}};
  CHECK(error_of_next(*other) == "cam: frame 1: truncated JPEG");
  CHECK(jpegs.empty.size() == 4);
}

TEST_CASE("options of a camera are checked") {
  World world;
  CHECK(error_of_start(world, {.width = 0}) == "[camera] 0x480 pixels, expected edges of 1 to 8192");
  CHECK(error_of_start(world, {.height = 8193}) == "[camera] 640x8193 pixels, expected edges of 1 to 8192");
  CHECK(error_of_start(world, {.timeout = std::chrono::milliseconds(0)}) ==
        "[camera] timeout is 0 ms, expected 1 to 3600000");
}

TEST_CASE("a camera is a file that exists and is one") {
  CHECK_THROWS_WITH(open_camera("/dev/null"), "/dev/null: not a camera");
  CHECK_THROWS_WITH(open_camera("/dev/no such camera"), "/dev/no such camera: No such file or directory");
}

#else

#include "ferpredict/live/frame_source.hpp"

TEST_CASE("cameras are read on Linux only") {
  CHECK_THROWS_WITH(ferpredict::live::open_camera("cam"), "cam: cameras are read on Linux only");
}

#endif
