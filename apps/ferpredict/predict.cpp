#include "predict.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "common/exit_codes.hpp"
#include "contact_sheet.hpp"
#include "decoded_images.hpp"
#include "drawings.hpp"
#include "face_arguments.hpp"
#include "make_reader.hpp"
#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "output_context.hpp"

namespace ferpredict {
namespace {

using mien::reader::FaceReader;

Prediction predict(const DecodedImage& decoded, FaceReader& reader) {
  Prediction result;
  try {
    if (!decoded.error.empty()) throw mien::DataError(decoded.error);
    result = {reader.takes_color() ? reader.read(decoded.color, decoded.path)
                                   : reader.read(decoded.image, decoded.path),
              {},
              {},
              0};
  } catch (const mien::reader::NoCascadeError&) {  // warn_once says more
    result.error = decoded.path + ": faces not looked for, for want of a cascade";
  } catch (const mien::DataError& error) {
    result.error = error.what();
    apps::print_error(error.what());
  }
  result.image = decoded.path;
  result.decode_ms = decoded.decode_ms;
  return result;
}

std::vector<ModelIdentity> identities(const std::vector<Model>& models) {
  std::vector<ModelIdentity> result;
  for (const Model& model : models) {
    result.push_back({model.file.name, sha256_hex(model)});
  }
  return result;
}

// Decoding ahead pays when there is something to be done meanwhile, and threads to do it. A few images are
// enough, and each may take hundreds of megabytes.
int images_ahead(std::size_t images) {
  constexpr int kMost = 4;
  return images < 2 || mien::thread_count() < 2 ? 0 : std::min(mien::thread_count(), kMost);
}

// What concerns all images is said the first time it is known, and goes into `warnings`.
void warn_once(const FaceReader& reader, std::vector<std::string>& warnings) {
  if (reader.no_cascade().empty() || !warnings.empty()) return;
  warnings.push_back(reader.no_cascade() + kCascadeAdvice +
                     "; without it only images that are small, or nearly square up to 400 pixels, are read, as "
                     "crops of a face (with --detector none all are)");
  apps::print_error(warnings.back());
}

void advise(const Prediction& prediction) {
  const std::string options =
      prediction.by_network ? "a lower --min-score" : "--min-neighbors 1, --scale-factor 1.05";
  apps::print_error(prediction.image + ": no face found; turn it upright if it is not, try " + options +
                    " or a smaller --min-face, or say --detector none if it is the crop of a face");
}

}  // namespace

Outcome predict_images(const Arguments& a, const std::vector<Model>& models, PictureDecoder& decoder) {
  FaceReader reader = make_reader(a, models, true);
  const OutputContext context = output_context(a, models[0].file);
  const std::vector<ImageInput> inputs = list_images(a.inputs);
  Drawings drawings(a, models, inputs);
  ContactSheet sheet(a, models, inputs);
  DecodedImages images(inputs, {.images = images_ahead(inputs.size()),
                                .keep_bytes = drawings.wanted() || sheet.wanted(),
                                .color = reader.takes_color(),
                                .decoder = &decoder});
  std::vector<Prediction> predictions;
  std::vector<std::string> warnings;
  Outcome outcome = Outcome::done;
  if (a.format == Format::csv) std::fputs(csv_header(context).c_str(), stdout);
  for (std::size_t i = 0; !images.done(); ++i) {
    const DecodedImage decoded = images.next();
    Prediction prediction = predict(decoded, reader);
    warn_once(reader, warnings);
    if (!prediction.error.empty()) {
      outcome = Outcome::unreadable;
    } else if (prediction.faces.empty() && inputs.size() == 1) {
      outcome = Outcome::no_face;
      advise(prediction);
    }
    if (drawings.wanted() && prediction.error.empty() &&
        !drawings.write(i, decoded, prediction, context, decoder)) {
      outcome = Outcome::unreadable;
    }
    if (sheet.wanted()) sheet.add(decoded.bytes, prediction, context, decoder);
    if (a.format == Format::text) std::fputs(text(prediction, context).c_str(), stdout);
    if (a.format == Format::csv) std::fputs(csv_rows(prediction, context).c_str(), stdout);
    if (a.format == Format::json) predictions.push_back(std::move(prediction));
  }
  if (a.format == Format::json) {
    std::fputs(json(predictions, context, identities(models), warnings).c_str(), stdout);
  }
  drawings.announce();
  if (sheet.wanted()) sheet.write(context);
  return outcome;
}

}  // namespace ferpredict
