#include "mien/infer/ensemble.hpp"

#include <random>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/image/preprocess.hpp"
#include "mien/image/resize.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"

using mien::Index;
using mien::Tensor;
using mien::image::GrayImage;
using mien::image::Views;
using mien::infer::Ensemble;
using mien::model::ModelFile;

namespace {

ModelFile make_model(const std::string& spec, unsigned seed, mien::image::PerImage per_image) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(0.0f, 0.1f);
  ModelFile model;
  model.name = "model" + std::to_string(seed);
  model.spec = mien::model::ModelSpec::from_text(spec);
  model.labels = {"a", "b", "c"};
  model.normalization = {.per_image = per_image, .scale = 0.01f, .mean = {}, .inv_std = {}};
  for (const auto& p : mien::model::parameters_of(mien::model::plan(model.spec))) {
    Tensor tensor(p.shape);
    for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = draw(engine);
    model.weights.push_back({p.name, tensor});
  }
  return model;
}

const ModelFile& small_model() {
  static const ModelFile model =
      make_model("input 1 24 24 | conv 4 3 same | relu | dense 3", 1, mien::image::PerImage::center);
  return model;
}
const ModelFile& wide_model() {
  static const ModelFile model = make_model("input 1 10 20 | dense 3", 2, mien::image::PerImage::norm100);
  return model;
}

GrayImage noise(Index width, Index height, unsigned seed) {
  std::mt19937 engine(seed);
  GrayImage image{width, height, {}};
  for (Index i = 0; i < width * height; ++i) image.pixels.push_back(static_cast<std::uint8_t>(engine() % 256));
  return image;
}

// One model, one picture, one view: by hand.
std::vector<float> answer(const ModelFile& model, const GrayImage& image) {
  mien::infer::Session session(model);
  std::vector<float> x(static_cast<std::size_t>(session.input_size())), p(3);
  mien::image::normalize(x.data(), image.pixels.data(), session.input_size(), model.normalization);
  session.predict(p.data(), x.data(), 1);
  return p;
}

std::vector<float> predict(Ensemble& ensemble, std::span<const GrayImage> images) {
  std::vector<float> p(images.size() * 3);
  ensemble.predict(p.data(), images);
  return p;
}

}  // namespace

TEST_CASE("an ensemble of one model and one view is the session, bit for bit") {
  const ModelFile& model = small_model();
  const GrayImage image = noise(24, 24, 3);
  Ensemble ensemble({&model, 1});
  CHECK(ensemble.class_count() == 3);
  CHECK(predict(ensemble, {&image, 1}) == answer(model, image));
  const GrayImage large = noise(31, 17, 4);
  CHECK(predict(ensemble, {&large, 1}) == answer(model, mien::image::resize(large, 24, 24)));
}

TEST_CASE("three planes are one picture of a model that takes colors, each scaled and viewed alike") {
  const ModelFile model = make_model("input 3 4 4 | dense 3", 3, mien::image::PerImage::center);
  const std::vector<GrayImage> planes = {noise(4, 4, 1), noise(4, 4, 2), noise(4, 4, 3)};
  std::vector<std::uint8_t> pixels;
  for (const GrayImage& plane : planes) pixels.insert(pixels.end(), plane.pixels.begin(), plane.pixels.end());
  std::vector<float> x(pixels.size()), expected(3), p(6);
  mien::image::normalize(x.data(), pixels.data(), 48, model.normalization);
  mien::infer::Session session(model);
  session.predict(expected.data(), x.data(), 1);
  Ensemble ensemble({&model, 1});
  CHECK(ensemble.channels() == 3);
  std::vector<GrayImage> two = planes;
  for (const GrayImage& plane : planes) two.push_back(mien::image::mirrored(plane));
  ensemble.predict(p.data(), two);
  CHECK(std::vector<float>(p.begin(), p.begin() + 3) == expected);
  Ensemble both({&model, 1}, Views::mirror);
  std::vector<float> mean(3);
  both.predict(mean.data(), planes);
  for (std::size_t c = 0; c < 3; ++c) CHECK(mean[c] == Approx((p[c] + p[c + 3]) / 2).margin(1e-6));
  CHECK_THROWS_AS(ensemble.predict(p.data(), std::span(planes).first(2)), mien::ArgumentError);
}

TEST_CASE("an ensemble averages over models of their own size and preparation, and over views") {
  const std::vector<ModelFile> models = {small_model(), wide_model()};
  for (const Views views : {Views::none, Views::mirror, Views::full}) {
    std::vector<GrayImage> images;
    for (unsigned i = 0; i < 5; ++i) images.push_back(noise(24, 24, i));
    Ensemble ensemble(models, views, 2);  // batches of 2, 2 and 1
    const std::vector<float> p = predict(ensemble, images);
    for (std::size_t i = 0; i < images.size(); ++i) {
      double expected[3] = {};
      for (const ModelFile& model : models) {
        const GrayImage crop = mien::image::resize(images[i], model.spec.width, model.spec.height);
        const auto looks = mien::image::make_views(crop, views);
        for (const GrayImage& view : looks) {
          const std::vector<float> one = answer(model, view);
          for (std::size_t c = 0; c < 3; ++c) {
            expected[c] += double{one[c]} / static_cast<double>(looks.size() * models.size());
          }
        }
      }
      for (std::size_t c = 0; c < 3; ++c) {
        CHECK(double{p[i * 3 + c]} == Approx(expected[c]).margin(1e-6));
      }
    }
  }
}

TEST_CASE("an ensemble that looks at the mirror image, too, answers the same for either") {
  const ModelFile& model = small_model();
  for (const Views views : {Views::mirror, Views::full}) {
    Ensemble ensemble({&model, 1}, views);
    const GrayImage image = noise(24, 24, 3), other = mien::image::mirrored(image);
    const auto a = predict(ensemble, {&image, 1}), b = predict(ensemble, {&other, 1});
    CHECK(answer(model, image)[0] != Approx(answer(model, other)[0]).margin(1e-4));
    for (std::size_t c = 0; c < 3; ++c) CHECK(a[c] == Approx(b[c]).margin(1e-6));
  }
}

TEST_CASE("an ensemble looks at scales of a picture as it is, not of the network's own small one") {
  const ModelFile& model = small_model();
  const GrayImage wide = noise(210, 210, 3);
  const auto mean = [&](const std::vector<GrayImage>& looks) {
    std::vector<double> sum(3);
    for (const GrayImage& look : looks) {
      const std::vector<float> one = answer(model, look);
      for (std::size_t c = 0; c < 3; ++c) sum[c] += double{one[c]} / static_cast<double>(looks.size());
    }
    return sum;
  };
  Ensemble ensemble({&model, 1}, Views::scales);
  std::vector<float> p(3);
  ensemble.predict(p.data(), {&wide, 1}, true);
  auto expected = mean(mien::image::scaled_views(wide, 24, 24));
  for (std::size_t c = 0; c < 3; ++c) CHECK(double{p[c]} == Approx(expected[c]).margin(1e-6));
  ensemble.predict(p.data(), {&wide, 1});
  expected = mean(mien::image::scaled_views(mien::image::widened(wide), 24, 24));
  for (std::size_t c = 0; c < 3; ++c) CHECK(double{p[c]} == Approx(expected[c]).margin(1e-6));
  CHECK_THROWS_AS(Ensemble({&model, 1}).predict(p.data(), {&wide, 1}, true), mien::ArgumentError);
}

TEST_CASE("an ensemble's results do not depend on the number of threads") {
  const int before = mien::thread_count();
  const std::vector<ModelFile> models = {small_model(), wide_model()};
  const std::vector<GrayImage> images = {noise(48, 48, 1), noise(9, 30, 2), noise(24, 24, 3)};
  std::vector<float> first;
  for (const int threads : {1, 3}) {
    mien::set_thread_count(threads);
    Ensemble ensemble(models, Views::full, 3);
    const auto p = predict(ensemble, images);
    if (first.empty()) first = p;
    CHECK(p == first);
  }
  mien::set_thread_count(before);
}

TEST_CASE("an ensemble refuses models that do not go together") {
  CHECK_THROWS_AS(Ensemble({}), mien::ArgumentError);
  CHECK_THROWS_AS(Ensemble({&small_model(), 1}, Views::none, 0), mien::ArgumentError);
  std::vector<ModelFile> models = {small_model(), wide_model()};
  models[1].labels = {"a", "c", "b"};
  CHECK_THROWS_WITH(Ensemble(models), "[ensemble] the labels of model2 are not those of model1");
  models = {make_model("input 2 4 4 | dense 3", 3, mien::image::PerImage::none)};
  CHECK_THROWS_WITH(Ensemble(models), "[ensemble] model3 takes 2 channels, pictures have 1 or 3");
  models = {small_model(), make_model("input 3 4 4 | dense 3", 3, mien::image::PerImage::none)};
  CHECK_THROWS_WITH(Ensemble(models), "[ensemble] of model3 and model1 one takes colors and one takes gray");
  const GrayImage none;
  Ensemble ensemble({&small_model(), 1});
  float p[3];
  CHECK_THROWS_AS(ensemble.predict(p, {&none, 1}), mien::ArgumentError);
}
