// Names every function of mien/c.h, so that a shared library made of static ones has them all.
#include "mien/c.h"

using Function = void (*)();

extern "C" const Function mien_test_functions[];

const Function mien_test_functions[] = {
    reinterpret_cast<Function>(&mien_abi_version),   reinterpret_cast<Function>(&mien_version),
    reinterpret_cast<Function>(&mien_last_error),    reinterpret_cast<Function>(&mien_set_threads),
    reinterpret_cast<Function>(&mien_open),          reinterpret_cast<Function>(&mien_close),
    reinterpret_cast<Function>(&mien_class_count),   reinterpret_cast<Function>(&mien_class_name),
    reinterpret_cast<Function>(&mien_emoticon),      reinterpret_cast<Function>(&mien_read),
    reinterpret_cast<Function>(&mien_read_file),     reinterpret_cast<Function>(&mien_read_encoded),
    reinterpret_cast<Function>(&mien_free_reading),  reinterpret_cast<Function>(&mien_face_count),
    reinterpret_cast<Function>(&mien_get_face),      reinterpret_cast<Function>(&mien_probabilities),
    reinterpret_cast<Function>(&mien_picture_width), reinterpret_cast<Function>(&mien_picture_height),
    reinterpret_cast<Function>(&mien_is_crop),
};
