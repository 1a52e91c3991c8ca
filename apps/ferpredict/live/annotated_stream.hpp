// Where the annotated frames of a stream go: JPEG files one behind the other.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "mien/image/image.hpp"

namespace ferpredict::live {

class AnnotatedStream {
 public:
  /// Opens the file, or takes stdout for "-". Throws mien::DataError where it cannot be opened.
  explicit AnnotatedStream(const std::string& path);

  /// Throws mien::DataError when it cannot be written.
  void write(const mien::image::RgbImage& image);

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace ferpredict::live
