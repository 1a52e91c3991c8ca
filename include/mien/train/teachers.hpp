// Trained models that another one learns from (Hinton, Vinyals, Dean, arXiv:1503.02531).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/data/mix.hpp"
#include "mien/infer/session.hpp"
#include "mien/train/options.hpp"

namespace mien::train {

/// Trained models that another network learns to imitate.
class Teachers {
 public:
  /// Reads the files. `input` is C x H x W of the images they will be asked about, `batch` how many at once.
  /// Throws DataError for a file whose hash is another one, and ArgumentError for one that takes other images
  /// or has other labels.
  Teachers(std::span<const FileIdentity> files, const Shape& input, const std::vector<std::string>& labels,
           Index batch);

  /// The mean over the teachers of softmax(logits / temperature), [N][classes], of images given as pixels
  /// [N][C * H * W]: each prepared in the teacher's own way, and mixed as the student's are. Throws DataError
  /// when a teacher gives something that is not finite.
  Tensor probabilities(std::span<const std::uint8_t> pixels, const data::Mix& mix, float temperature);
  /// Which of the images are asked about.
  struct Some {
    std::size_t first, count;
  };
  /// The same of some, [count][classes].
  Tensor probabilities(std::span<const std::uint8_t> pixels, const data::Mix& mix, float temperature,
                       Some some);

 private:
  struct Teacher {
    std::string path;
    image::Normalization normalization;
    infer::Session session;
  };
  Tensor logits(Teacher& teacher, std::span<const std::uint8_t> pixels, const data::Mix& mix, Some some);

  Shape input_;
  std::vector<Teacher> teachers_;
};

}  // namespace mien::train
