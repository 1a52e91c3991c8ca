// From pictures to probabilities: one network or several, one look at a picture or several, all of whose
// answers are averaged.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "mien/image/image.hpp"
#include "mien/image/views.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/model_file.hpp"

namespace mien::infer {

/// For one thread at a time, as a Session. Each network has pictures scaled to its own size and prepared its
/// own way; views are made of the scaled picture, those of Views::scales of the picture as it is.
class Ensemble {
 public:
  /// `max_images` pictures with all their views are a batch of each network's session. Throws ArgumentError for
  /// no models, max_images < 1, models whose labels or channels differ, and models of other than 1 or 3
  /// channels; and what Session throws.
  explicit Ensemble(std::span<const model::ModelFile> models, image::Views views = image::Views::none,
                    Index max_images = 1);

  /// Writes a row of class_count() probabilities for each picture, which is channels() of the planes: gray, or
  /// red, green and blue, of one size. The mean over networks of the mean over views; of one network and one
  /// view it is the session's output bit for bit. Where `wide`, which goes with Views::scales alone, pictures
  /// are image::kWidestView times as wide and high as what is to be read. Throws what image::resize throws.
  void predict(float* probabilities, std::span<const image::GrayImage> planes, bool wide = false);

  Index class_count() const { return classes_; }
  Index channels() const { return channels_; }

 private:
  struct Member {
    Session session;
    image::Normalization normalization;
    Index width, height;
  };
  std::vector<image::GrayImage> looks(const Member& member, const image::GrayImage& image, bool wide) const;
  void prepare(const Member& member, std::span<const image::GrayImage> planes, bool wide);
  void predict_batch(float* probabilities, std::span<const image::GrayImage> planes, bool wide);

  std::vector<Member> members_;
  image::Views views_;
  Index max_images_;
  Index channels_ = 1;
  Index classes_ = 0;
  std::vector<float> inputs_;   // of one network: [images][views][C][H][W]
  std::vector<float> outputs_;  // [images][views][classes]
  std::vector<double> sums_;    // [images][classes]
};

/// Throws DataError `<input>: the model's output is not finite` where what a network made of `input` is not:
/// large weights are not searched when a file is opened.
void check_finite(std::string_view input, std::span<const float> output);

}  // namespace mien::infer
