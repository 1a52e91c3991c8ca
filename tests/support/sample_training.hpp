// Training on the drawn faces that come along.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "mien/data/open.hpp"
#include "mien/train/trainer.hpp"

namespace mien::test {

inline const data::Dataset& faces() {
  static const data::Dataset dataset = data::open_dataset(std::string(MIEN_SAMPLE_FOLDER) + "/faces.csv.gz");
  return dataset;
}

inline std::vector<std::string> labels() {
  return data::class_names();
}

inline train::Trainer make_trainer(const train::TrainOptions& options) {
  return train::Trainer(options, faces(), faces().indices(data::Split::training), labels());
}

/// Of all parameters, those that are not trained included.
inline std::vector<float> parameter_values(const train::Trainer& trainer) {
  std::vector<float> values;
  for (const auto* p : trainer.parameters())
    values.insert(values.end(), p->value.values().begin(), p->value.values().end());
  return values;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace mien::test
