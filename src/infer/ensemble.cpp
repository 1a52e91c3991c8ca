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
    if (const Index channels = model.spec.channels; channels != 1 && channels != 3) {
      throw ArgumentError("[ensemble] " + model.name + " takes " + std::to_string(channels) +
                          " channels, pictures have 1 or 3");
    }
    if (model.spec.channels != models[0].spec.channels) {
      throw ArgumentError("[ensemble] of " + model.name + " and " + models[0].name +
                          " one takes colors and one takes gray");
    }
    members_.push_back({Session(model, batch), model.normalization, model.spec.width, model.spec.height});
    largest = std::max(largest, members_.back().session.input_size());
  }
  channels_ = models[0].spec.channels;
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

void Ensemble::prepare(const Member& member, std::span<const image::GrayImage> planes, bool wide) {
  const Index size = member.session.input_size(), views = view_count(views_);
  parallel_for(static_cast<Index>(planes.size()) / channels_, [&](Index i) {
    std::vector<std::vector<image::GrayImage>> looks_of;  // at each plane
    for (Index c = 0; c < channels_; ++c) {
      looks_of.push_back(looks(member, planes[static_cast<std::size_t>(i * channels_ + c)], wide));
    }
    float* out = inputs_.data() + i * views * size;
    for (std::size_t view = 0; view < static_cast<std::size_t>(views); ++view, out += size) {
      std::vector<std::uint8_t>& pixels = looks_of[0][view].pixels;
      for (std::size_t c = 1; c < looks_of.size(); ++c) {
        const std::vector<std::uint8_t>& more = looks_of[c][view].pixels;
        pixels.insert(pixels.end(), more.begin(), more.end());
      }
      image::normalize(out, pixels.data(), size, member.normalization);
    }
  });
}

void Ensemble::predict_batch(float* probabilities, std::span<const image::GrayImage> planes, bool wide) {
  const Index views = view_count(views_), n = static_cast<Index>(planes.size()) / channels_;
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (Member& member : members_) {
    prepare(member, planes, wide);
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

void Ensemble::predict(float* probabilities, std::span<const image::GrayImage> planes, bool wide) {
  const auto channels = static_cast<std::size_t>(channels_);
  if (planes.size() % channels != 0) {
    throw ArgumentError("[ensemble] " + std::to_string(planes.size()) + " planes, a picture has " +
                        std::to_string(channels));
  }
  if (wide && views_ != image::Views::scales) {
    throw ArgumentError("[ensemble] what is around a crop is looked at in scales alone");
  }
  while (!planes.empty()) {
    const std::size_t count = std::min(planes.size() / channels, static_cast<std::size_t>(max_images_));
    predict_batch(probabilities, planes.first(count * channels), wide);
    probabilities += static_cast<Index>(count) * classes_;
    planes = planes.subspan(count * channels);
  }
}

void check_finite(std::string_view input, std::span<const float> output) {
  if (std::all_of(output.begin(), output.end(), [](float value) { return std::isfinite(value); })) return;
  throw DataError(std::string(input) + ": the model's output is not finite");
}

}  // namespace mien::infer
