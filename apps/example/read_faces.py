"""Reads the expressions in a photo by the library's C interface (mien/c.h), which Python calls by itself.

    python3 read_faces.py libmien_runtime.so photo.jpg
"""
import ctypes as c
import sys


class Face(c.Structure):  # as mien_face begins; the library fills in no more than `size` bytes
    _fields_ = [("size", c.c_size_t), ("x", c.c_int32), ("y", c.c_int32), ("width", c.c_int32),
                ("height", c.c_int32), ("score", c.c_double), ("points", c.c_double * 10), ("roll", c.c_double),
                ("yaw", c.c_double), ("turned_away", c.c_int32), ("best", c.c_int32)]


if len(sys.argv) != 3:
    sys.exit(__doc__)
mien = c.CDLL(sys.argv[1])
mien.mien_last_error.restype = mien.mien_class_name.restype = mien.mien_emoticon.restype = c.c_char_p
mien.mien_face_count.restype, mien.mien_probabilities.restype = c.c_size_t, c.POINTER(c.c_float)


def check(code):
    if code != 0:
        sys.exit(mien.mien_last_error().decode())


reader, reading, face = c.c_void_p(), c.c_void_p(), Face(c.sizeof(Face))
check(mien.mien_open(b"small", None, c.byref(reader)))
check(mien.mien_read_file(reader, sys.argv[2].encode(), c.byref(reading)))
for i in range(mien.mien_face_count(reading)):
    check(mien.mien_get_face(reading, c.c_size_t(i), c.byref(face)))
    name = mien.mien_class_name(reader, c.c_size_t(face.best), b"en").decode()
    emoticon = mien.mien_emoticon(reader, c.c_size_t(face.best), 0, c.c_size_t(0)).decode()
    print(f"{name} {mien.mien_probabilities(reading, c.c_size_t(i))[face.best]:.3f} {emoticon} at {face.x},{face.y}")
mien.mien_free_reading(reading)
mien.mien_close(reader)
