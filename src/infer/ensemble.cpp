#include "mien/infer/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/image/preprocess.hpp"
#include "mien/image/resize.hpp"

namespace mien::infer {

Ensemble::Ensemble(std::span<const model::ModelFile> models, image::Views views, Index max_images)
    : views_(views), max_images_(max_images) {
  if (models.empty()) throw ArgumentError("[ensemble] no models");
  if (max_images < 1) throw ArgumentError("[ensemble] max_images must be at least 1");
  const Index batch = max_images * view_count(views);
  Index largest = 0;
  for (const model::ModelFile& model : models) {
    if (model.labels != models[0].labels) {
      throw ArgumentError("[ensemble] the labels of " + model.name + " are not those of " + models[0].name);
    }
    if (model.face_grid) throw ArgumentError("[ensemble] " + model.name + " finds faces and has no classes");
    if (model.spec.channels != 1) {
      throw ArgumentError("[ensemble] " + model.name + " takes " + std::to_string(model.spec.channels) +
                          " channels, pictures are gray");
    }
    members_.push_back({Session(model, batch), model.normalization, model.spec.width, model.spec.height});
    largest = std::max(largest, members_.back().session.input_size());
  }
  classes_ = members_[0].session.class_count();
  inputs_.resize(static_cast<std::size_t>(batch * largest));
  outputs_.resize(static_cast<std::size_t>(batch * classes_));
  sums_.resize(static_cast<std::size_t>(max_images * classes_));
}

std::vector<image::GrayImage> Ensemble::looks(const Member& member, const image::GrayImage& image,
                                              bool wide) const {
  if (views_ == image::Views::scales) {
    return image::scaled_views(wide ? image : image::widened(image), member.width, member.height);
  }
  return image::make_views(image::resize(image, member.width, member.height), views_);
}

void Ensemble::prepare(const Member& member, std::span<const image::GrayImage> images, bool wide) {
  const Index size = member.session.input_size();
  parallel_for(static_cast<Index>(images.size()), [&](Index i) {
    float* out = inputs_.data() + i * view_count(views_) * size;
    for (const image::GrayImage& view : looks(member, images[static_cast<std::size_t>(i)], wide)) {
      image::normalize(out, view.pixels.data(), size, member.normalization);
      out += size;
    }
  });
}

void Ensemble::predict_batch(float* probabilities, std::span<const image::GrayImage> images, bool wide) {
  const Index views = view_count(views_), n = static_cast<Index>(images.size());
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (Member& member : members_) {
    prepare(member, images, wide);
    member.session.predict(outputs_.data(), inputs_.data(), n * views);
    for (Index i = 0; i < n * views * classes_; ++i) {
      sums_[static_cast<std::size_t>(i / (views * classes_) * classes_ + i % classes_)] +=
          double{outputs_[static_cast<std::size_t>(i)]};
    }
  }
  const auto answers = static_cast<double>(views * static_cast<Index>(members_.size()));
  for (Index i = 0; i < n * classes_; ++i) {
    probabilities[i] = static_cast<float>(sums_[static_cast<std::size_t>(i)] / answers);
  }
}

void Ensemble::predict(float* probabilities, std::span<const image::GrayImage> images, bool wide) {
  if (wide && views_ != image::Views::scales) {
    throw ArgumentError("[ensemble] what is around a crop is looked at in scales alone");
  }
  while (!images.empty()) {
    const std::size_t count = std::min(images.size(), static_cast<std::size_t>(max_images_));
    predict_batch(probabilities, images.first(count), wide);
    probabilities += static_cast<Index>(count) * classes_;
    images = images.subspan(count);
  }
}

void check_finite(std::string_view input, std::span<const float> output) {
  if (std::all_of(output.begin(), output.end(), [](float value) { return std::isfinite(value); })) return;
  throw DataError(std::string(input) + ": the model's output is not finite");
}

}  // namespace mien::infer
