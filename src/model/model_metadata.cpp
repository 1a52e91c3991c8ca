#include "model/model_metadata.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/json.hpp"
#include "mien/core/text.hpp"
#include "mien/model/graph.hpp"

namespace mien::model {
namespace {

constexpr const char* kFormatVersion = "1";
constexpr const char* kName = "mien.name";
constexpr const char* kSpec = "mien.spec";
constexpr const char* kInputKey = "mien.input";
constexpr const char* kTemperature = "mien.temperature";
constexpr const char* kFaceMargin = "mien.face_margin";
constexpr const char* kFaceCrop = "mien.face_crop";
constexpr const char* kFaceGrid = "mien.face_grid";
constexpr const char* kWholePictures = "mien.whole_pictures";
constexpr const char* kYes = "yes";

bool is_float(double value) {
  return std::abs(value) <= double{std::numeric_limits<float>::max()};
}

// One function for each thing that is said, all naming the file in their errors.
class MetadataReader {
 public:
  MetadataReader(const Metadata& metadata, const std::string& where) : metadata_(metadata), where_(where) {}

  ModelFile read() const {
    if (const std::string version = text(kModelFormatKey); version != kFormatVersion) {
      fail("format version " + quote(version) + ", this program reads version " + kFormatVersion);
    }
    ModelFile model;
    model.name = text(kName);
    model.spec = spec();
    model.face_grid = face_grid();
    model.labels = labels();
    for (const std::string& problem : {outputs_problem(model), naming_problem(model)}) {
      if (!problem.empty()) fail(problem);
    }
    model.normalization = normalization();
    model.temperature =
        number(kTemperature, model.temperature, is_temperature, "temperature", "a finite number above 0");
    model.face_margin = number(kFaceMargin, model.face_margin, is_face_margin, "face margin", "-0.25 .. 1");
    model.whole_pictures = whole_pictures();
    model.face_crop = number(kFaceCrop, model.face_crop, is_face_crop, "face crop", "0.5 .. 3");
    for (const auto& [key, value] : metadata_) {
      if (key.starts_with(kNotePrefix)) model.notes[key.substr(std::string_view(kNotePrefix).size())] = value;
    }
    return model;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw DataError(where_ + ": " + what); }

  const std::string& text(const char* key) const {
    const auto found = metadata_.find(key);
    if (found == metadata_.end()) fail("not a mien model: its metadata lacks \"" + std::string(key) + "\"");
    return found->second;
  }

  ModelSpec spec() const {
    try {
      return ModelSpec::from_text(text(kSpec), where_ + ": spec");
    } catch (const ArgumentError& error) {
      throw DataError(error.what());
    }
  }

  std::optional<FaceGrid> face_grid() const {
    const auto found = metadata_.find(kFaceGrid);
    if (found == metadata_.end()) return std::nullopt;
    const std::string where = where_ + ": face_grid";
    return face_grid_from_json(parse_json(found->second, where), where);
  }

  std::vector<std::string> labels() const {
    const std::string where = where_ + ": labels";
    std::vector<std::string> result;
    const Json parsed = parse_json(text(kModelLabelsKey), where);
    for (const Json& label : parsed.as_array(where)) result.push_back(label.as_string(where));
    return result;
  }

  image::Normalization normalization() const {
    const std::string where = where_ + ": input";
    const Json parsed = parse_json(text(kInputKey), where);
    image::Normalization result;
    const std::string& name = parsed.at("per_image", where).as_string(where);
    const auto per_image = image::per_image_named(name);
    if (!per_image) fail("unknown input preparation " + quote(name));
    result.per_image = *per_image;
    const double scale = parsed.at("scale", where).as_number(where);
    if (!is_float(scale)) fail("input: a scale beyond the range of float");
    result.scale = static_cast<float>(scale);
    return result;
  }

  bool whole_pictures() const {
    const auto found = metadata_.find(kWholePictures);
    if (found == metadata_.end()) return false;
    if (found->second != kYes) fail("whole_pictures " + quote(found->second) + ", expected " + kYes);
    return true;
  }

  // What files say that were not written before there was such a number.
  float number(const char* key, float otherwise, bool (*fits)(float), const char* what,
               const char* expected) const {
    const auto found = metadata_.find(key);
    if (found == metadata_.end()) return otherwise;
    const std::optional<double> value = parse_double(found->second);
    if (!value || !is_float(*value) || !fits(static_cast<float>(*value))) {
      fail(std::string(what) + " " + quote(found->second) + ", expected " + expected);
    }
    return static_cast<float>(*value);
  }

  const Metadata& metadata_;
  const std::string& where_;
};

}  // namespace

Metadata to_metadata(const ModelFile& model) {
  Json labels{Json::Array{}};
  for (const std::string& label : model.labels) labels.append(label);
  Json input;
  input.set("per_image", to_string(model.normalization.per_image));
  input.set("scale", double{model.normalization.scale});
  Metadata metadata = {
      {kModelFormatKey, kFormatVersion}, {kName, model.name},
      {kSpec, model.spec.to_text()},     {kModelLabelsKey, to_json(labels)},
      {kInputKey, to_json(input)},       {kFaceMargin, format_number(shortest_decimal(model.face_margin))}};
  if (model.temperature != 1) {
    metadata[kTemperature] = format_number(shortest_decimal(model.temperature));
  }
  if (model.face_crop != kDefaultFaceCrop) {
    metadata[kFaceCrop] = format_number(shortest_decimal(model.face_crop));
  }
  if (model.whole_pictures) metadata[kWholePictures] = kYes;
  if (model.face_grid) metadata[kFaceGrid] = to_json(to_json(*model.face_grid));
  for (const auto& [key, value] : model.notes) metadata[kNotePrefix + key] = value;
  return metadata;
}

ModelFile from_metadata(const Metadata& metadata, const std::string& where) {
  return MetadataReader(metadata, where).read();
}

std::string outputs_problem(const ModelFile& model) try {
  const std::string labels = std::to_string(model.labels.size()) + " labels for ";
  if (model.face_grid) {
    return model.labels.empty() ? problem_of(*model.face_grid, model.spec)
                                : labels + "a network that finds faces";
  }
  const Index classes = class_count(model.spec);
  if (static_cast<Index>(model.labels.size()) == classes) return {};
  return labels + std::to_string(classes) + " classes";
} catch (const ArgumentError& error) {
  return error.what();
}

std::string naming_problem(const ModelFile& model) {
  if (!is_printable(model.name)) return "name " + quote(model.name) + " is not printable";
  std::set<std::string_view> seen;
  for (const std::string& label : model.labels) {
    if (label.empty() || !is_printable(label) || !seen.insert(label).second)
      return "label " + quote(label) + ": expected printable names, each once";
  }
  return {};
}

}  // namespace mien::model
