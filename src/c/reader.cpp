#include "c/reader.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "c/guarded.hpp"
#include "mien/model/named_model.hpp"
#include "mien/reader/expression_names.hpp"

namespace mien::c {
namespace {

constexpr const char* kOpen = "mien_open";
constexpr const char* kLanguages[] = {"en", "ko", "zh"};

// What the caller's header knows of options, the rest being zero. What a later header knows beyond ours must
// not be asked for.
mien_options options_of(const mien_options* given) {
  mien_options options = {};
  if (given == nullptr) return options;
  if (given->size < sizeof options.size) throw ArgumentError(std::string(kOpen) + ": options->size is not set");
  std::memcpy(&options, given, std::min(given->size, sizeof options));
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  for (std::size_t i = sizeof options; i < given->size; ++i) {
    if (bytes[i] != 0) throw ArgumentError(std::string(kOpen) + ": options that this version does not know");
  }
  return options;
}

void check_range(const char* field, double value, double most) {
  if (value >= 0 && value <= most) return;
  throw ArgumentError(std::string(kOpen) + ": options->" + field + " is out of range");
}

reader::Search search_of(std::int32_t search) {
  switch (search) {
    case MIEN_SEARCH_ALWAYS:
      return reader::Search::network;
    case MIEN_SEARCH_NEVER:
      return reader::Search::none;
    default:
      return reader::Search::automatic;
  }
}

image::Views views_of(std::int32_t views) {
  constexpr image::Views kViews[] = {image::Views::none, image::Views::mirror, image::Views::full,
                                     image::Views::scales};
  return kViews[views];
}

reader::ReaderOptions reader_options(const mien_options& options) {
  check_range("search", options.search, MIEN_SEARCH_NEVER);
  check_range("views", options.views, MIEN_VIEWS_SCALES);
  check_range("min_face", options.min_face, 16384);
  check_range("min_score", options.min_score, 1);
  check_range("reserved", options.reserved, 0);
  reader::ReaderOptions result;
  result.search = search_of(options.search);
  result.fall_back = true;
  result.views = views_of(options.views);
  result.detect.min_face = options.min_face;
  if (options.min_score > 0) result.min_score = options.min_score;
  if (result.search == reader::Search::none) return result;
  const bool own = options.face_model != nullptr;
  result.face_model = model::find_model(own ? options.face_model : model::kFaceModel).file;
  if (options.point_model != nullptr || !own) {
    const bool named = options.point_model != nullptr;
    result.point_model = model::find_model(named ? options.point_model : model::kPointModel).file;
  }
  return result;
}

model::ModelFile read_expressions(const std::string& file) {
  model::ModelFile model = model::read_model(file);
  if (model.face_grid) {
    throw DataError(file +
                    ": a network that finds faces, and reads no expressions; options->face_model takes it");
  }
  if (model.spec.channels != 1) {
    throw DataError(file + ": takes " + std::to_string(model.spec.channels) +
                    " channels, images are read in gray");
  }
  return model;
}

std::unique_ptr<mien_reader> open(const char* name, const mien_options* given) {
  const mien_options options = options_of(given);
  const model::ModelFile model =
      read_expressions(model::find_model(name == nullptr ? model::kModelsAlong.front() : name).file);
  auto result =
      std::make_unique<mien_reader>(mien_reader{model.labels,
                                                {},
                                                reader::Emoticons::defaults(),
                                                reader::FaceReader({&model, 1}, reader_options(options))});
  for (std::size_t i = 0; i < result->names.size(); ++i) {
    const reader::Language language = reader::parse_language(kLanguages[i]);
    for (const std::string& label : model.labels) {
      result->names[i].push_back(reader::expression_name(label, language));
    }
  }
  return result;
}

}  // namespace
}  // namespace mien::c

extern "C" {

int mien_open(const char* model, const mien_options* options, mien_reader** reader) {
  return mien::c::guarded([&] {
    mien::c::require(reader, "mien_open", "reader");
    *reader = mien::c::open(model, options).release();
  });
}

void mien_close(mien_reader* reader) {
  delete reader;
}

size_t mien_class_count(const mien_reader* reader) {
  return reader == nullptr ? 0 : reader->labels.size();
}

const char* mien_class_name(const mien_reader* reader, size_t index, const char* language) {
  if (index >= mien_class_count(reader)) return nullptr;
  if (language == nullptr) return reader->labels[index].c_str();
  for (std::size_t i = 0; i < reader->names.size(); ++i) {
    if (std::strcmp(language, mien::c::kLanguages[i]) == 0) return reader->names[i][index].c_str();
  }
  return nullptr;
}

const char* mien_emoticon(const mien_reader* reader, size_t index, int style, size_t nth) {
  using mien::reader::EmoticonStyle;
  constexpr EmoticonStyle kStyles[] = {EmoticonStyle::emoji, EmoticonStyle::ascii, EmoticonStyle::kaomoji};
  if (index >= mien_class_count(reader) || style < MIEN_EMOJI || style > MIEN_KAOMOJI) return nullptr;
  const auto forms = reader->emoticons.forms(reader->labels[index], kStyles[style]);
  return nth < forms.size() ? forms[nth].c_str() : nullptr;
}
}
