/** @file
 * The expressions of faces, from C and from languages that call C: a model is opened, pictures are read with
 * it, and what was read is looked at face by face.
 *
 *     mien_reader* reader = NULL;
 *     mien_reading* reading = NULL;
 *     int code = mien_open("small", NULL, &reader);
 *     if (code == MIEN_OK) code = mien_read_file(reader, "photo.jpg", &reading);
 *     if (code != MIEN_OK) fprintf(stderr, "%s\n", mien_last_error());
 *     for (size_t i = 0; i < mien_face_count(reading); ++i) {
 *       mien_face face = {.size = sizeof face};
 *       mien_get_face(reading, i, &face);
 *       printf("%s at %d,%d\n", mien_class_name(reader, face.best, "en"), face.x, face.y);
 *     }
 *     mien_free_reading(reading);
 *     mien_close(reader);
 *
 * Errors. What can fail returns one of the MIEN_ codes, which are the exit codes of the programs where they
 * mean the same, and leaves what it was to give as it was, NULL or else; mien_last_error() has the text. No C++
 * exception leaves these functions. A picture without faces is no error (5, the programs' code for it, is never
 * returned).
 *
 * Threads. A reader belongs to one thread at a time; different readers may be used by different threads at
 * once. Nothing changes a reading, so any number of threads may look at it, until one frees it.
 * mien_last_error() is each thread's own. Work inside spreads over one pool of threads of the process
 * (mien_set_threads); a process that forks may go on using its readers in the child.
 *
 * Stability. mien_abi_version() of a library grows with each addition, and what was there before stays as it
 * was: a program works with any library whose number is at least the MIEN_ABI_VERSION it was compiled with.
 * Structs begin with their size, which the caller sets, and may grow at their ends. Strings are UTF-8 and end
 * with a zero.
 *
 * C99. `cc program.c $(pkg-config --cflags --libs mien-c)`, or mien::runtime by find_package in a CMake project
 * that has C++ among its languages. */
#ifndef MIEN_C_H
#define MIEN_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a function that the library exports is declared with. */
#if defined(__GNUC__)
#define MIEN_API __attribute__((visibility("default")))
#else
#define MIEN_API
#endif

/** What this header describes; see Stability above. */
#define MIEN_ABI_VERSION 1

/** What functions return. */
enum {
  MIEN_OK = 0,
  MIEN_BAD_ARGUMENT = 2, /**< a call or an option that cannot be carried out */
  MIEN_BAD_DATA = 3, /**< a file that cannot be read or understood, or a model that gives no finite numbers */
  MIEN_OUT_OF_MEMORY = 6, /**< the programs exit with 3 */
  MIEN_UNEXPECTED = 7     /**< an error of this library; the programs exit with 3 */
};

/** mien_options.search */
enum {
  MIEN_SEARCH_AUTOMATIC = 0, /**< as ferpredict: pictures with no edge above 64 pixels are crops of a face; so
                                are those in which no face is found, if they are small or nearly square */
  MIEN_SEARCH_ALWAYS = 1,    /**< faces are looked for in every picture */
  MIEN_SEARCH_NEVER = 2      /**< every picture is the crop of a face */
};

/** mien_options.views: how many looks at a face an answer is the mean of. */
enum { MIEN_VIEWS_NONE = 0, MIEN_VIEWS_MIRROR = 1, MIEN_VIEWS_FULL = 2, MIEN_VIEWS_SCALES = 3 };

/** How the pixels of a picture lie in memory, 8 bits a value. */
enum {
  MIEN_GRAY8 = 1,
  MIEN_RGB24 = 2, /**< red, green, blue */
  MIEN_RGBA32 = 3 /**< red, green, blue, alpha (not premultiplied); laid over white, as decoders of files do */
};

enum { MIEN_EMOJI = 0, MIEN_ASCII = 1, MIEN_KAOMOJI = 2 };

/** A model that has been opened. */
typedef struct mien_reader mien_reader;
/** What was read in a picture. */
typedef struct mien_reading mien_reading;

/** Every field but `size` may be zero, which is the default: `mien_options o = {.size = sizeof o};`.
 */
typedef struct mien_options {
  size_t size;             /**< sizeof(mien_options) */
  const char* face_model;  /**< the file of a network that finds faces; NULL: the one that comes along */
  const char* point_model; /**< of one that looks at each of them closely; NULL: the one that comes along, with
                              the face_model that comes along, else none */
  int32_t search;          /**< MIEN_SEARCH_ */
  int32_t views;           /**< MIEN_VIEWS_ */
  int32_t min_face; /**< edge of the smallest face looked for, in pixels; 0: by the picture's size, 20 to 48 */
  int32_t reserved; /**< 0 */
  double min_score; /**< the least probability of a face, up to 1; 0: the network's own */
} mien_options;

/** Pixels are those of the whole picture, turned upright, from its upper left corner. */
typedef struct mien_face {
  size_t size;                 /**< sizeof(mien_face), set by the caller */
  int32_t x, y, width, height; /**< the box */
  double score;        /**< the probability that this is a face, 0 to 1; NaN in a picture taken as a crop */
  double points[5][2]; /**< x and y of the left and right eye, the nose, the left and right corner of the mouth
                          (left and right as seen); NaN where no network found the face */
  double roll, yaw;    /**< how it is turned, in degrees: roll above 0 where the right eye is the lower one, yaw
                          above 0 where the nose points to the right; NaN without points */
  int32_t turned_away; /**< 1: too far for its expression to be read reliably */
  int32_t best;        /**< the most probable class */
} mien_face;

/* ---- the library ---- */

/** The MIEN_ABI_VERSION of the library that is loaded. */
MIEN_API uint32_t mien_abi_version(void);
/** "0.1.0" */
MIEN_API const char* mien_version(void);

/** The text of this thread's last error, such as `photo.jpg: No such file or directory`; "" before the first.
 * Valid until the next error of this thread. */
MIEN_API const char* mien_last_error(void);

/** Threads that work is spread over, for the whole process; 0, and until this is called, one a processor. At
 * most 1024. Results do not depend on it. Not while a picture is being read. */
MIEN_API int mien_set_threads(int count);

/* ---- readers ---- */

/** Opens a model: "small" or "large", which come along; the folder of a run; or a file. NULL is "small". Those
 * that come along are looked for in the folder that the environment variable MIEN_MODELS names, beside the
 * library (share/mien/models of the prefix it is installed in), where it was to be installed, and in the source
 * tree it was built from. A program that links the static library and runs elsewhere sets MIEN_MODELS.
 * `options` may be NULL. */
MIEN_API int mien_open(const char* model, const mien_options* options, mien_reader** reader);
/** NULL is fine. */
MIEN_API void mien_close(mien_reader* reader);

/** How many classes the model tells apart. */
MIEN_API size_t mien_class_count(const mien_reader* reader);
/** What class `index` is called, in language "en" (the model's own label; so is NULL), "ko" or "zh". NULL for
 * an index or a language that is not there. Valid until mien_close; so is the next. */
MIEN_API const char* mien_class_name(const mien_reader* reader, size_t index, const char* language);
/** Emoticon `nth` of class `index` in a style of MIEN_EMOJI and so on, the best one first; NULL behind the last
 * one, and for classes that are no expressions. */
MIEN_API const char* mien_emoticon(const mien_reader* reader, size_t index, int style, size_t nth);

/* ---- pictures ---- */

/** Reads a picture in memory. Rows begin every `stride` bytes, the top one first; 0: one behind the other.
 * Edges are 1 to 16384 pixels. The pixels are not kept. */
MIEN_API int mien_read(mien_reader* reader, const void* pixels, int format, size_t width, size_t height,
                       size_t stride, mien_reading** reading);
/** Reads an image file: PNG, JPEG, GIF (its first frame), BMP, PGM or PPM, turned upright as Exif says. */
MIEN_API int mien_read_file(mien_reader* reader, const char* path, mien_reading** reading);
/** The same, of a file that is in memory. */
MIEN_API int mien_read_encoded(mien_reader* reader, const void* bytes, size_t count, mien_reading** reading);
/** NULL is fine. A reading may outlive its reader. */
MIEN_API void mien_free_reading(mien_reading* reading);

/** Faces are counted from 0, the largest first. A reading that is NULL has none. */
MIEN_API size_t mien_face_count(const mien_reading* reading);
/** Fills `face`, as far as its `size` says. */
MIEN_API int mien_get_face(const mien_reading* reading, size_t index, mien_face* face);
/** mien_class_count probabilities of a face, which sum to 1; NULL for one that is not there. Valid until
 * mien_free_reading. */
MIEN_API const float* mien_probabilities(const mien_reading* reading, size_t index);
/** Of the picture, in pixels. */
MIEN_API int32_t mien_picture_width(const mien_reading* reading);
/** The same. */
MIEN_API int32_t mien_picture_height(const mien_reading* reading);
/** 1 where the picture was taken as the crop of a face, 0 where faces were looked for. */
MIEN_API int mien_is_crop(const mien_reading* reading);

#ifdef __cplusplus
}
#endif

#endif
