#include "mien/train/teachers.hpp"

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/core/sha256.hpp"
#include "ops/ops.hpp"

namespace mien::train {
namespace {

model::ModelFile read_teacher(const FileIdentity& file, const Shape& input,
                              const std::vector<std::string>& labels) {
  model::ModelFile model = model::read_model(file.path, model::kNoModelLimits);
  if (sha256_file_hex(file.path) != file.sha256) {
    throw DataError(file.path + ": not the teacher this run began with");
  }
  const Shape takes{model.spec.channels, model.spec.height, model.spec.width};
  if (takes != input) {
    throw ArgumentError("[teacher] " + file.path + " takes " + takes.to_string() + " images, the data are " +
                        input.to_string());
  }
  if (model.labels != labels) throw ArgumentError("[teacher] " + file.path + " has other labels than the data");
  return model;
}

}  // namespace

Teachers::Teachers(std::span<const FileIdentity> files, const Shape& input,
                   const std::vector<std::string>& labels, Index batch)
    : input_(input) {
  for (const FileIdentity& file : files) {
    const model::ModelFile model = read_teacher(file, input, labels);
    teachers_.push_back(
        {.path = file.path, .normalization = model.normalization, .session = infer::Session(model, batch)});
  }
}

Tensor Teachers::logits(Teacher& teacher, std::span<const std::uint8_t> pixels, const data::Mix& mix,
                        Some some) {
  const Index size = input_.size(), n = static_cast<Index>(pixels.size()) / size;
  Tensor images = Tensor::uninitialized({n, input_[0], input_[1], input_[2]});
  parallel_for(n, [&](Index i) {
    image::normalize(images.mutable_data() + i * size, pixels.data() + i * size, size, teacher.normalization);
  });
  images = data::mixed(mix, images);
  const auto count = static_cast<Index>(some.count);
  Tensor logits = Tensor::uninitialized({count, teacher.session.class_count()});
  teacher.session.logits(logits.mutable_data(), images.data() + static_cast<Index>(some.first) * size, count);
  return logits;
}

Tensor Teachers::probabilities(std::span<const std::uint8_t> pixels, const data::Mix& mix, float temperature) {
  return probabilities(pixels, mix, temperature, {0, pixels.size() / static_cast<std::size_t>(input_.size())});
}

Tensor Teachers::probabilities(std::span<const std::uint8_t> pixels, const data::Mix& mix, float temperature,
                               Some some) {
  Tensor mean;
  for (Teacher& teacher : teachers_) {
    Tensor p = logits(teacher, pixels, mix, some);
    for (Index i = 0; i < p.size(); ++i) p.mutable_data()[i] /= temperature;
    if (!ops::all_finite(p.data(), p.size())) {
      throw DataError(teacher.path + ": gives outputs that are not finite");
    }
    ops::softmax(p.mutable_data(), p.data(), p.dim(0), p.dim(1));
    if (mean.defined()) {
      ops::accumulate(mean.mutable_data(), p.data(), p.size());
    } else {
      mean = p;
    }
  }
  ops::scale(mean.mutable_data(), 1.0f / static_cast<float>(teachers_.size()), mean.size());
  return mean;
}

}  // namespace mien::train
