// The functions that mien-web.js calls. Texts and bytes lie in memory of `malloc`; what a call answers is a
// text that stays until the next call. A null pointer means failure, of which mien_failure() tells.
#include <emscripten.h>

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/system.hpp"
#include "reader.hpp"

namespace {

using mien_web::Follower;
using mien_web::Reader;

std::string answer;
int failure = 0;  // the exit code that the programs have for it

// Calls use(), whose pointer is null for no failure of its own.
template <typename Use>
auto guarded(Use use) -> decltype(use()) {
  try {
    return use();
  } catch (const mien::ArgumentError& error) {
    failure = 2;
    answer = error.what();
  } catch (const std::bad_alloc&) {
    failure = 1;
    answer = "out of memory";
  } catch (const std::exception& error) {
    failure = dynamic_cast<const mien::DataError*>(&error) != nullptr ? 3 : 1;
    answer = error.what();
  }
  return nullptr;
}

const char* answer_with(const mien::Json& json) {
  answer = mien::to_json(json, {.ascii = false});
  return answer.c_str();
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* mien_version() {
  answer = mien::version();
  return answer.c_str();
}

EMSCRIPTEN_KEEPALIVE int mien_failure() {
  return failure;
}
EMSCRIPTEN_KEEPALIVE const char* mien_answer() {
  return answer.data();
}
EMSCRIPTEN_KEEPALIVE std::size_t mien_answer_size() {
  return answer.size();
}

EMSCRIPTEN_KEEPALIVE Reader* mien_open(const std::uint8_t* model, std::size_t model_size,
                                       const std::uint8_t* detector, std::size_t detector_size,
                                       const std::uint8_t* points, std::size_t points_size) {
  return guarded([&] {
    return new Reader({model, model_size}, {detector, detector_size}, {points, points_size});
  });
}
EMSCRIPTEN_KEEPALIVE void mien_close(Reader* reader) {
  delete reader;
}

EMSCRIPTEN_KEEPALIVE std::uint8_t* mien_pixels(Reader* reader, int width, int height) {
  return guarded([&] { return reader->pixels(width, height); });
}
EMSCRIPTEN_KEEPALIVE const char* mien_read(Reader* reader, const char* options, std::size_t size, double ms) {
  return guarded([&] { return answer_with(reader->read(reader->request({options, size}), ms)); });
}

EMSCRIPTEN_KEEPALIVE Follower* mien_follow(Reader* reader, const char* options, std::size_t size) {
  return guarded([&] { return new Follower(*reader, reader->request({options, size})); });
}
EMSCRIPTEN_KEEPALIVE const char* mien_follower_read(Follower* follower, double time, double ms) {
  return guarded([&] { return answer_with(follower->read(time, ms)); });
}
EMSCRIPTEN_KEEPALIVE void mien_follower_close(Follower* follower) {
  delete follower;
}

}  // extern "C"
