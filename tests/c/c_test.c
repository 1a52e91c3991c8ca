/* The interface of mien/c.h as a program in C99 sees it.
 *
 *   c_test FOLDER      data/ of the source; prints what fails, and exits with 1 then */
#include "mien/c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                                        \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      ++failures;                                                                               \
      printf("%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition, mien_last_error()); \
    }                                                                                           \
  } while (0)

static int says(const char* text) {
  return strstr(mien_last_error(), text) != NULL;
}

static char* path_of(const char* folder, const char* name) {
  const size_t length = strlen(folder) + strlen(name) + 2;
  char* path = malloc(length);
  if (path == NULL) exit(1);
  snprintf(path, length, "%s/%s", folder, name);
  return path;
}

/* data/astronaut.jpg: one happy face. */
static void check_astronaut(const mien_reader* reader, const mien_reading* reading) {
  mien_face face = {.size = sizeof face};
  const float* p = mien_probabilities(reading, 0);
  double sum = 0;
  size_t i;
  CHECK(mien_face_count(reading) == 1);
  CHECK(mien_picture_width(reading) == 512 && mien_picture_height(reading) == 512);
  CHECK(!mien_is_crop(reading));
  CHECK(mien_get_face(reading, 0, &face) == MIEN_OK);
  CHECK(face.size == sizeof face);
  CHECK(face.x == 182 && face.y == 81 && face.width == 85 && face.height == 84);
  CHECK(face.score > 0.5 && face.score <= 1);
  CHECK(fabs(face.roll) < 45 && fabs(face.yaw) < 40 && !face.turned_away);
  CHECK(face.points[0][0] < face.points[1][0] && face.points[0][1] < face.points[2][1]);
  CHECK(strcmp(mien_class_name(reader, (size_t)face.best, NULL), "happy") == 0);
  CHECK(p != NULL);
  for (i = 0; p != NULL && i < mien_class_count(reader); ++i) {
    CHECK(p[i] <= p[face.best]);
    sum += p[i];
  }
  CHECK(fabs(sum - 1) < 1e-5);
  CHECK(mien_probabilities(reading, 1) == NULL);
  CHECK(mien_get_face(reading, 1, &face) == MIEN_BAD_ARGUMENT && says("face 1 of 1"));
}

static void check_names(const mien_reader* reader) {
  CHECK(mien_class_count(reader) == 7);
  CHECK(strcmp(mien_class_name(reader, 0, "en"), "angry") == 0);
  CHECK(strcmp(mien_class_name(reader, 0, "ko"), "angry") != 0);
  CHECK(mien_class_name(reader, 0, "xx") == NULL);
  CHECK(mien_class_name(reader, 7, NULL) == NULL);
  CHECK(strcmp(mien_emoticon(reader, 3, MIEN_ASCII, 0), ":-D") == 0);
  CHECK(mien_emoticon(reader, 3, MIEN_ASCII, 1000) == NULL);
  CHECK(mien_emoticon(reader, 3, 17, 0) == NULL);
  CHECK(mien_emoticon(reader, 3, MIEN_EMOJI, 0) != NULL && mien_emoticon(reader, 3, MIEN_KAOMOJI, 0) != NULL);
}

static void check_files(mien_reader* reader, const char* folder) {
  char* photo = path_of(folder, "astronaut.jpg");
  FILE* file = fopen(photo, "rb");
  static unsigned char bytes[100000];
  const size_t count = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
  mien_reading* reading = NULL;
  if (file != NULL) fclose(file);
  CHECK(mien_read_file(reader, photo, &reading) == MIEN_OK);
  check_astronaut(reader, reading);
  mien_free_reading(reading);
  reading = NULL;
  CHECK(mien_read_encoded(reader, bytes, count, &reading) == MIEN_OK);
  check_astronaut(reader, reading);
  mien_free_reading(reading);
  reading = NULL;
  CHECK(mien_read_encoded(reader, bytes, 100, &reading) == MIEN_BAD_DATA && reading == NULL);
  CHECK(mien_read_file(reader, "nowhere.jpg", &reading) == MIEN_BAD_DATA && says("nowhere.jpg: "));
  CHECK(reading == NULL);
  CHECK(mien_read_file(reader, NULL, &reading) == MIEN_BAD_ARGUMENT && says("path is NULL"));
  CHECK(mien_read_file(NULL, photo, &reading) == MIEN_BAD_ARGUMENT && says("reader is NULL"));
  CHECK(mien_read_file(reader, photo, NULL) == MIEN_BAD_ARGUMENT && says("reading is NULL"));
  free(photo);
}

enum { kEdge = 48, kStride = kEdge * 4 + 5 };

/* A picture in each format, with rows apart; all have the same gray, since gray colors keep their value, and
 * what is not covered is white. */
static void check_buffers(mien_reader* reader) {
  static unsigned char gray[kEdge * kEdge], rgb[kEdge * kStride], rgba[kEdge * kStride];
  float expected[7];
  mien_reading* reading = NULL;
  mien_face face = {.size = sizeof face};
  int x, y;
  for (y = 0; y < kEdge; ++y) {
    for (x = 0; x < kEdge; ++x) {
      const int covered = (x + y) % 3 != 0;
      const unsigned char value = (unsigned char)(covered ? (x * y) % 251 : 255);
      gray[y * kEdge + x] = value;
      memset(rgb + y * kStride + 3 * x, value, 3);
      memset(rgba + y * kStride + 4 * x, covered ? value : 77, 3);
      rgba[y * kStride + 4 * x + 3] = covered ? 255 : 0;
    }
  }
  CHECK(mien_read(reader, gray, MIEN_GRAY8, kEdge, kEdge, 0, &reading) == MIEN_OK);
  CHECK(mien_is_crop(reading) && mien_face_count(reading) == 1);
  CHECK(mien_get_face(reading, 0, &face) == MIEN_OK);
  CHECK(face.width == kEdge && face.height == kEdge && isnan(face.score) && isnan(face.yaw));
  CHECK(isnan(face.points[4][1]) && !face.turned_away);
  memcpy(expected, mien_probabilities(reading, 0), sizeof expected);
  mien_free_reading(reading);
  CHECK(mien_read(reader, rgb, MIEN_RGB24, kEdge, kEdge, kStride, &reading) == MIEN_OK);
  CHECK(memcmp(expected, mien_probabilities(reading, 0), sizeof expected) == 0);
  mien_free_reading(reading);
  CHECK(mien_read(reader, rgba, MIEN_RGBA32, kEdge, kEdge, kStride, &reading) == MIEN_OK);
  CHECK(memcmp(expected, mien_probabilities(reading, 0), sizeof expected) == 0);
  mien_free_reading(reading);

  reading = NULL;
  CHECK(mien_read(reader, NULL, MIEN_GRAY8, 2, 2, 0, &reading) == MIEN_BAD_ARGUMENT && says("pixels is NULL"));
  CHECK(mien_read(reader, gray, 17, 2, 2, 0, &reading) == MIEN_BAD_ARGUMENT && says("format 17"));
  CHECK(mien_read(reader, gray, MIEN_GRAY8, 0, 2, 0, &reading) == MIEN_BAD_ARGUMENT && says("0 x 2 pixels"));
  CHECK(mien_read(reader, gray, MIEN_GRAY8, 2, (size_t)-1, 0, &reading) == MIEN_BAD_ARGUMENT);
  CHECK(mien_read(reader, rgb, MIEN_RGB24, 2, 2, 5, &reading) == MIEN_BAD_ARGUMENT && says("stride 5"));
  CHECK(reading == NULL);
}

/* Structs of an earlier header, which are shorter, and of a later one. */
static void check_sizes(const char* folder, mien_reader* reader) {
  struct {
    mien_options options;
    int more;
  } later;
  mien_options options = {.size = sizeof options};
  mien_face face = {.size = sizeof face};
  mien_reading* reading = NULL;
  mien_reader* other = NULL;
  char* photo = path_of(folder, "astronaut.jpg");
  CHECK(mien_read_file(reader, photo, &reading) == MIEN_OK);
  face.size = offsetof(mien_face, score);
  face.score = 17;
  CHECK(mien_get_face(reading, 0, &face) == MIEN_OK);
  CHECK(face.x == 182 && face.score == 17);
  face.size = 0;
  CHECK(mien_get_face(reading, 0, &face) == MIEN_BAD_ARGUMENT && says("size is not set"));
  mien_free_reading(reading);
  memset(&later, 0, sizeof later);
  later.options.size = sizeof later;
  CHECK(mien_open("small", &later.options, &other) == MIEN_OK);
  mien_close(other);
  other = NULL;
  later.more = 1;
  CHECK(mien_open("small", &later.options, &other) == MIEN_BAD_ARGUMENT && says("does not know"));
  options.size = 0;
  CHECK(mien_open("small", &options, &other) == MIEN_BAD_ARGUMENT && says("size is not set"));
  CHECK(other == NULL);
  free(photo);
}

static void check_options(const char* folder) {
  mien_options options = {.size = sizeof options};
  mien_reader* reader = NULL;
  mien_reading* reading = NULL;
  char* photo = path_of(folder, "astronaut.jpg");
  char* finder = path_of(folder, "models/faces.safetensors");
  options.search = 3;
  CHECK(mien_open("small", &options, &reader) == MIEN_BAD_ARGUMENT && says("options->search"));
  options.search = MIEN_SEARCH_NEVER;
  options.views = MIEN_VIEWS_MIRROR;
  CHECK(mien_open(NULL, &options, &reader) == MIEN_OK);
  CHECK(mien_read_file(reader, photo, &reading) == MIEN_OK);
  CHECK(mien_is_crop(reading) && mien_face_count(reading) == 1);
  mien_free_reading(reading);
  mien_close(reader);
  reader = NULL;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.face_model = finder;
  options.min_face = 300;
  CHECK(mien_open("large", &options, &reader) == MIEN_OK);
  CHECK(mien_read_file(reader, photo, &reading) == MIEN_OK);
  CHECK(mien_face_count(reading) == 0 && !mien_is_crop(reading)); /* its face is smaller: no error */
  mien_free_reading(reading);
  mien_close(reader);
  reader = NULL;
  CHECK(mien_open(finder, NULL, &reader) == MIEN_BAD_DATA && says("finds faces"));
  CHECK(mien_open("nowhere.safetensors", NULL, &reader) == MIEN_BAD_DATA && says("nowhere.safetensors: "));
  CHECK(mien_open("small", NULL, NULL) == MIEN_BAD_ARGUMENT);
  CHECK(reader == NULL);
  free(finder);
  free(photo);
}

int main(int argc, char** argv) {
  mien_reader* reader = NULL;
  if (argc != 2) return 2;
  CHECK(mien_abi_version() >= MIEN_ABI_VERSION);
  CHECK(strlen(mien_version()) > 0);
  CHECK(strcmp(mien_last_error(), "") == 0);
  CHECK(mien_set_threads(-1) == MIEN_BAD_ARGUMENT);
  CHECK(mien_set_threads(2) == MIEN_OK);
  CHECK(mien_open("small", NULL, &reader) == MIEN_OK);
  if (reader == NULL) return 1;
  check_names(reader);
  check_files(reader, argv[1]);
  check_buffers(reader);
  check_sizes(argv[1], reader);
  check_options(argv[1]);
  mien_close(reader);
  mien_close(NULL);
  mien_free_reading(NULL);
  CHECK(mien_face_count(NULL) == 0 && mien_class_count(NULL) == 0 && mien_picture_width(NULL) == 0);
  printf("%d failures\n", failures);
  return failures == 0 ? 0 : 1;
}
