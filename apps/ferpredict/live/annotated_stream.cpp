#include "annotated_stream.hpp"

#include <cerrno>
#include <system_error>

#include "mien/core/error.hpp"
#include "mien/image/jpeg.hpp"
#include "write_whole.hpp"

namespace ferpredict::live {

void AnnotatedStream::Close::operator()(std::FILE* file) const {
  if (file != stdout) std::fclose(file);  // which has buffered nothing
}

AnnotatedStream::AnnotatedStream(const std::string& path)
    : path_(path), file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")) {
  if (!file_) throw mien::DataError(path + ": " + std::generic_category().message(errno));
}

// Whoever watches sees each frame as soon as it is there.
void AnnotatedStream::write(const mien::image::RgbImage& image) {
  const std::string jpeg = mien::image::encode_jpeg(image.width, image.height, 3, image.pixels);
  write_whole(::fileno(file_.get()), jpeg, path_);
}

}  // namespace ferpredict::live
