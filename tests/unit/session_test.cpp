// What the runtime computes is what training computed.
#include "mien/infer/session.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "mien/core/error.hpp"
#include "mien/core/parallel.hpp"
#include "mien/model/encoding.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "ops/kernels_in_use.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_count_guard.hpp"

using mien::Index;
using mien::Shape;
using mien::Tensor;
using mien::autograd::Tape;
using mien::model::ModelFile;

namespace {

Tensor noise(const Shape& shape, unsigned seed, float scale = 1.0f) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> draw(0.0f, scale);
  Tensor tensor(shape);
  for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = draw(engine);
  return tensor;
}

// A network with weights and running statistics that are no identity.
mien::nn::Network make_network(const mien::model::ModelSpec& spec) {
  mien::nn::Network network = mien::nn::build(spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, 1);
  unsigned seed = 10;
  for (mien::autograd::Parameter* p : network.parameters()) {
    if (p->value.shape().rank() != 1) continue;
    p->value = noise(p->value.shape(), seed++, 0.3f);
    const bool positive = p->name.ends_with("var") || p->name.starts_with("batchnorm");
    for (Index i = 0; positive && i < p->value.size(); ++i) {
      p->value.mutable_data()[i] = 0.5f + std::fabs(p->value.data()[i]);
    }
  }
  return network;
}

ModelFile make_model(const mien::model::ModelSpec& spec, mien::nn::Network& network) {
  ModelFile model;
  model.name = "test";
  model.spec = spec;
  for (Index c = 0; c < mien::model::class_count(spec); ++c)
    model.labels.push_back("class" + std::to_string(c));
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  return model;
}

Tensor tape_logits(mien::nn::Network& network, const Tensor& x) {
  Tape tape(Tape::Recording::off);
  return network.forward(tape, tape.constant(x), mien::nn::Mode::eval()).value();
}

// Of all of `x`, at most `max_batch` images at a time.
Tensor session_logits(const mien::model::ModelSpec& spec, mien::nn::Network& network, const Tensor& x,
                      Index max_batch) {
  mien::infer::Session session(make_model(spec, network), max_batch);
  Tensor logits(Shape{x.dim(0), session.class_count()});
  session.logits(logits.mutable_data(), x.data(), x.dim(0));
  return logits;
}

void require_close(const Tensor& logits, const Tensor& expected) {
  for (Index i = 0; i < logits.size(); ++i) {
    REQUIRE(logits.data()[i] == Approx(expected.data()[i]).margin(1e-4));
  }
}

}  // namespace

TEST_CASE("a session gives the tape's logits bit for bit when nothing is folded") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 16 16 | conv 8 5 same | relu | maxpool 3 2 same | lrn 2 1 0.01 0.75 | conv 12 3 valid stride 2 "
      "| relu | "
      "avgpool 2 1 same | dropout 0.5 | flatten | dense 20 | relu | dropout 0.5 | dense 7");
  mien::nn::Network network = make_network(spec);
  const Tensor x = noise({5, 1, 16, 16}, 3);
  const Tensor expected = tape_logits(network, x);
  const Tensor logits = session_logits(spec, network, x, 5);
  REQUIRE(logits.shape() == Shape{5, 7});
  for (Index i = 0; i < logits.size(); ++i) REQUIRE(logits.data()[i] == expected.data()[i]);
}

TEST_CASE("batch normalization is folded behind convolutions and dense layers, applied elsewhere") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 2 9 9 | batchnorm | conv 6 3 same nobias | batchnorm | relu | maxpool 2 2 | batchnorm | conv 4 3 "
      "same | "
      "batchnorm | globalpool | dense 9 | batchnorm | relu | dense 5 nobias");
  mien::nn::Network network = make_network(spec);
  const Tensor x = noise({4, 2, 9, 9}, 3);
  const Tensor expected = tape_logits(network, x);
  mien::infer::Session session(make_model(spec, network), 2);  // smaller than the batch on purpose
  Tensor logits(Shape{4, 5});
  session.logits(logits.mutable_data(), x.data(), 4);
  require_close(logits, expected);
  Tensor probabilities(Shape{4, 5});
  session.predict(probabilities.mutable_data(), x.data(), 4);
  for (Index row = 0; row < 4; ++row) {
    double sum = 0;
    for (Index c = 0; c < 5; ++c) sum += double{probabilities.data()[row * 5 + c]};
    CHECK(sum == Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("a session gives the tape's logits where values lie channels-last") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 16 16 | conv 16 3 same | relu | conv 32 3 same | relu | batchnorm | relu | maxpool 2 2 | conv "
      "16 5 "
      "same | silu | conv 16 3 same as a | conv 16 3 same | batchnorm | add a | conv 16 3 same | globalpool | "
      "dense 7");
  mien::nn::Network network = make_network(spec);
  for (const Index n : {1, 6}) {
    const Tensor x = noise({n, 1, 16, 16}, 3);
    const Tensor expected = tape_logits(network, x);
    const Tensor logits = session_logits(spec, network, x, n);
    require_close(logits, expected);
  }
}

TEST_CASE("batches of weights in fewer bits give what single images give, but for rounding") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 12 12 | conv 16 3 same | batchnorm | relu | conv 32 3 same nobias | batchnorm | relu | maxpool "
      "2 2"
      " | dense 64 | relu | dense 3");
  mien::nn::Network network = make_network(spec);
  const Tensor x = noise({7, 1, 12, 12}, 3);
  const Tensor exact = tape_logits(network, x);
  for (const mien::Encoding encoding : {mien::Encoding::bf16, mien::Encoding::int8}) {
    CAPTURE(static_cast<int>(encoding));
    ModelFile model = make_model(spec, network);
    for (mien::model::Weight& weight : model.weights) {
      if (weight.shape().rank() < 2) continue;
      weight.encoded = mien::model::encode(weight.tensor, encoding);
      weight.tensor = weight.shape().rank() == 2 ? Tensor() : mien::model::expand(weight.encoded);
    }
    mien::infer::Session session(model, 7);
    Tensor few(exact.shape()), many(exact.shape()), few_again(exact.shape());
    for (Index i = 0; i < 7; ++i) session.logits(few.mutable_data() + 3 * i, x.data() + 144 * i, 1);
    session.logits(many.mutable_data(), x.data(), 7);
    for (Index i = 0; i < 7; ++i) session.logits(few_again.mutable_data() + 3 * i, x.data() + 144 * i, 1);
    float largest = 0;
    for (Index i = 0; i < exact.size(); ++i) largest = std::max(largest, std::fabs(exact.data()[i]));
    for (Index i = 0; i < exact.size(); ++i) {
      CAPTURE(i, largest);
      CHECK(std::fabs(few.data()[i] - exact.data()[i]) < 0.03f * largest);
      CHECK(std::fabs(many.data()[i] - few.data()[i]) < 0.02f * largest);
      CHECK(few_again.data()[i] == few.data()[i]);
    }
  }
}

TEST_CASE("batch normalization of pixels behind a flattened convolution is not folded into its channels") {
  const auto spec =
      mien::model::ModelSpec::from_text("input 1 9 9 | conv 4 3 same | flatten | batchnorm | relu | dense 3");
  mien::nn::Network network = make_network(spec);
  const Tensor x = noise({2, 1, 9, 9}, 3);
  const Tensor expected = tape_logits(network, x);
  const Tensor logits = session_logits(spec, network, x, 2);
  REQUIRE(logits.shape() == Shape{2, 3});
  require_close(logits, expected);
}

TEST_CASE("a session's results do not depend on the number of threads") {
  const int before = mien::thread_count();
  mien::nn::Network network = make_network(
      mien::model::ModelSpec::from_text("input 1 12 12 | conv 8 3 | relu | dense 600 | relu | dense 7"));
  const auto spec =
      mien::model::ModelSpec::from_text("input 1 12 12 | conv 8 3 | relu | dense 600 | relu | dense 7");
  const Tensor x = noise({3, 1, 12, 12}, 4);
  Tensor first(Shape{3, 7});
  for (const int threads : {1, 2, 5}) {
    mien::set_thread_count(threads);
    const Tensor logits = session_logits(spec, network, x, 3);
    REQUIRE(logits.shape() == Shape{3, 7});
    if (threads == 1) first = logits.clone();
    for (Index i = 0; i < logits.size(); ++i) REQUIRE(logits.data()[i] == first.data()[i]);
  }
  mien::set_thread_count(before);
}

TEST_CASE("one image shared by the threads gives the same bits for any number of them") {
  const int before = mien::thread_count();
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 24 24 | conv 40 5 same | relu | maxpool 3 2 same | lrn 4 1 0.01 0.75 | conv 48 3 same | relu | "
      "conv "
      "32 3 same stride 2 | relu | avgpool 2 2 | dense 600 | relu | dense 7");
  mien::nn::Network network = make_network(spec);
  for (const Index n : {1, 4}) {
    const Tensor x = noise({n, 1, 24, 24}, 4);
    const Tensor expected = tape_logits(network, x);
    for (const int threads : {1, 2, 5}) {
      CAPTURE(n, threads);
      mien::set_thread_count(threads);
      mien::infer::Session session(make_model(spec, network), n);
      Tensor logits(Shape{n, 7});
      session.logits(logits.mutable_data(), x.data(), n);
      for (Index i = 0; i < logits.size(); ++i) REQUIRE(logits.data()[i] == expected.data()[i]);
    }
  }
  mien::set_thread_count(before);
}

TEST_CASE("a network that slides over pictures takes them at any size") {
  const std::string layers =
      " | conv 16 3 pad 1 stride 2 nobias | batchnorm | relu | conv 16 3 | relu as a | maxpool 2 2 | dwconv 3 "
      "| "
      "batchnorm | relu | upsample | add a | relu as b | conv 2 1 as score | from b | globalpool | dense 3 as "
      "what | output score what";
  const auto spec = [&](Index height, Index width) {
    return mien::model::ModelSpec::from_text("input 1 " + std::to_string(height) + " " + std::to_string(width) +
                                             layers);
  };
  mien::nn::Network network = make_network(spec(24, 24));
  ModelFile model;
  model.name = "test";
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  model.spec = spec(24, 24);
  mien::infer::Session session(model);
  std::size_t bytes = session.buffer_bytes();
  // Of the second convolution's maps of 10, 6 and 14 pixels, one is cut into other tiles than the two others.
  for (const auto& [height, width] :
       {std::pair<Index, Index>{24, 24}, {16, 16}, {32, 32}, {16, 16}, {40, 88}, {8, 4}, {88, 40}, {40, 88}}) {
    CAPTURE(height, width);
    session.set_input_size(height, width);
    ModelFile planned = model;
    planned.spec = spec(height, width);
    mien::infer::Session expected(planned);
    REQUIRE(session.output_shapes() == expected.output_shapes());
    REQUIRE(session.input_size() == height * width);
    const Tensor x = noise({1, 1, height, width}, 3);
    Tensor scores(session.output_shapes()[0]), what({3}), expected_scores(scores.shape()), expected_what({3});
    float* const to[] = {scores.mutable_data(), what.mutable_data()};
    float* const expected_to[] = {expected_scores.mutable_data(), expected_what.mutable_data()};
    session.outputs(to, x.data(), 1);
    expected.outputs(expected_to, x.data(), 1);
    CHECK(std::equal(scores.values().begin(), scores.values().end(), expected_scores.data()));
    CHECK(std::equal(what.values().begin(), what.values().end(), expected_what.data()));
    CHECK(session.buffer_bytes() >= bytes);
    bytes = session.buffer_bytes();
  }
}

TEST_CASE("the first layers of a large picture are computed in bands, with the bits of the whole") {
  const mien::test::ThreadCountGuard guard;
  struct Case {
    const char* layers;
    bool banded;
  };
  const Case cases[] = {
      {"input 1 512 384 | conv 8 3 pad 1 stride 2 | relu | conv 16 5 same stride 2 | relu | dwconv 3 stride 2 "
       "| conv 4 1",
       true},
      {"input 2 381 509 | conv 6 7 pad 3 stride 3 nobias | dwconv 5 | relu | conv 7 3 valid stride 2 | relu as "
       "a | conv 7 1 | add a",
       true},
      // Winograd's tiles would begin elsewhere; a value is read twice; small pictures.
      {"input 1 400 400 | conv 16 3 pad 1 stride 2 | conv 16 3 | conv 4 3 stride 2", false},
      {"input 1 400 400 | conv 8 3 stride 2 as a | conv 8 1 | add a | conv 4 3 stride 2", false},
      {"input 1 96 96 | conv 8 3 stride 2 | conv 8 3 stride 2", false},
      // Windows that lie in zeros alone; layers that look so far around that bands would share most of their
      // rows.
      {"input 1 300 300 | conv 16 3 pad 1 stride 2 | relu | conv 16 2 pad 29 0 26 0 stride 2", false},
      {"input 1 512 512 | conv 4 3 pad 1 stride 2 | dwconv 15 | dwconv 15 | dwconv 15 | dwconv 15 | dwconv 15 "
       "| dwconv 15 | dwconv 3 stride 2",
       false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.layers);
    const auto spec = mien::model::ModelSpec::from_text(c.layers);
    mien::nn::Network network = make_network(spec);
    ModelFile model;
    model.name = "test";
    model.spec = spec;
    for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
    const Tensor x = noise({2, spec.channels, spec.height, spec.width}, 3);
    const Tensor expected = tape_logits(network, x);
    for (const int threads : {1, 2, 5}) {
      mien::set_thread_count(threads);
      mien::infer::Session session(model, 2);
      int banded = 0;
      mien::ops::observe_calls(
          [&](const mien::ops::TimedCall& call) { banded += call.name == std::string("bands"); });
      Tensor y(expected.shape());
      float* const to[] = {y.mutable_data()};
      session.outputs(to, x.data(), 2);
      mien::ops::observe_calls({});
      CHECK(banded == (c.banded ? 2 : 0));
      CHECK(std::equal(y.values().begin(), y.values().end(), expected.data()));
    }
  }
}

TEST_CASE("another input size is refused where weights or normalization fit one only") {
  const auto refused = [](const std::string& text, bool per_pixel = false) {
    const auto spec = mien::model::ModelSpec::from_text(text);
    mien::nn::Network network = make_network(spec);
    ModelFile model = make_model(spec, network);
    if (per_pixel) model.normalization.mean = noise({8, 8}, 1);
    mien::infer::Session session(model);
    CHECK_NOTHROW(session.set_input_size(8, 8));
    std::string what;
    try {
      session.set_input_size(8, 16);
    } catch (const mien::ArgumentError& error) {
      what = error.what();
    }
    CHECK(session.input_size() == 64);
    return what;
  };
  CHECK(refused("input 1 8 8 | conv 4 3 | dense 9 | dense 3") ==
        "[dense1] its weights fit inputs of 4x8x8 only");
  CHECK(refused("input 1 8 8 | conv 4 3 | flatten | batchnorm | relu | dense 3") ==
        "[batchnorm1] its weights fit inputs of 256 only");
  CHECK(refused("input 1 8 8 | conv 4 3 | globalpool | dense 3", true) ==
        "[input] its normalization is that of the pixels of 1x8x8");
  const auto spec = mien::model::ModelSpec::from_text("input 1 8 8 | conv 4 5 valid | globalpool | dense 3");
  mien::nn::Network network = make_network(spec);
  mien::infer::Session session(make_model(spec, network));
  CHECK_THROWS_AS(session.set_input_size(4, 8), mien::ArgumentError);
  CHECK_THROWS_AS(session.set_input_size(0, 8), mien::ArgumentError);
}

TEST_CASE("threads of the caller's, with a session each, do not disturb each other") {
  const auto spec = mien::model::ModelSpec::from_text(
      "input 1 24 24 | conv 24 3 | batchnorm | relu | maxpool 3 2 | lrn 2 1 0.01 0.75 | dense 60 | relu | "
      "dense 7");
  mien::nn::Network network = make_network(spec);
  const ModelFile model = make_model(spec, network);
  constexpr Index kImages = 3;
  const Tensor x = noise({kImages, 1, 24, 24}, 4);
  const Tensor expected = session_logits(spec, network, x, 1);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  const mien::infer::Session first(model);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      mien::infer::Session session = i < 2 ? mien::infer::Session(model) : first;
      Tensor logits(expected.shape());
      for (int run = 0; run < 300; ++run) {
        session.logits(logits.mutable_data(), x.data(), kImages);
        if (!std::equal(logits.values().begin(), logits.values().end(), expected.data())) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a model file keeps everything, and a wrong sample is noticed") {
  const mien::test::TemporaryFolder folder;
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | conv 2 3 | batchnorm | relu | dense 3");
  mien::nn::Network network = make_network(spec);
  ModelFile model = make_model(spec, network);
  model.labels = {"a", "b \"quoted\"", "ü"};
  model.normalization = {.per_image = mien::image::PerImage::norm100,
                         .scale = 0.5f,
                         .mean = noise({4, 4}, 1),
                         .inv_std = noise({4, 4}, 2)};
  model.notes["accuracy"] = "0.5";
  model.sample_input = noise({1, 1, 4, 4}, 5);
  {
    model.sample_output = Tensor(Shape{1, 3});
    const ModelFile without_sample = make_model(spec, network);
    mien::infer::Session(without_sample)
        .predict(model.sample_output.mutable_data(), model.sample_input.data(), 1);
  }
  mien::model::write_model(folder / "m.safetensors", model);
  const ModelFile read = mien::model::read_model(folder / "m.safetensors");
  CHECK(read.spec == model.spec);
  CHECK(read.labels == model.labels);
  CHECK(read.notes == model.notes);
  CHECK(read.normalization.per_image == mien::image::PerImage::norm100);
  CHECK(read.normalization.scale == 0.5f);
  CHECK(read.normalization.mean.data()[3] == model.normalization.mean.data()[3]);
  CHECK(read.weights.size() == 8);
  CHECK_NOTHROW(mien::infer::Session(read));

  model.sample_output.mutable_data()[0] += 0.1f;
  mien::model::write_model(folder / "wrong.safetensors", model);
  CHECK_THROWS_AS(mien::infer::Session(mien::model::read_model(folder / "wrong.safetensors")), mien::DataError);
}

TEST_CASE("probabilities are softmax(logits / temperature), whatever the batch") {
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | dense 3");
  mien::nn::Network network = make_network(spec);
  ModelFile model = make_model(spec, network);
  const Tensor x = noise({5, 1, 4, 4}, 3);
  Tensor logits(Shape{5, 3}), raw(Shape{5, 3}), p(Shape{5, 3});
  mien::infer::Session(model).logits(logits.mutable_data(), x.data(), 5);
  model.temperature = 2.5f;
  mien::infer::Session session(model, 2);
  session.predict(p.mutable_data(), x.data(), 5);
  session.logits(raw.mutable_data(), x.data(), 5);
  for (Index row = 0; row < 5; ++row) {
    double sum = 0;
    for (Index c = 0; c < 3; ++c) sum += std::exp(double{logits.data()[row * 3 + c]} / 2.5);
    for (Index c = 0; c < 3; ++c) {
      const Index i = row * 3 + c;
      CHECK(double{p.data()[i]} == Approx(std::exp(double{logits.data()[i]} / 2.5) / sum));
      CHECK(raw.data()[i] == Approx(logits.data()[i]));
    }
  }
}

TEST_CASE("a model file keeps its temperature, 1 where there is none, and refuses others") {
  const mien::test::TemporaryFolder folder;
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | dense 3");
  mien::nn::Network network = make_network(spec);
  ModelFile model = make_model(spec, network);
  const auto path = folder / "m.safetensors";
  for (const float temperature : {1.0f, 0.1f, 1.7320508f, 1e-3f, 1e20f}) {
    model.temperature = temperature;
    mien::model::write_model(path, model);
    CHECK(mien::model::read_model(path).temperature == temperature);
    // Files of models that were not calibrated are what they have always been.
    CHECK(mien::model::SafetensorsFile::open(path).metadata().count("mien.temperature") ==
          (temperature == 1 ? 0 : 1));
  }
  for (const float wrong : {0.0f, -1.0f, 1e-42f, std::nanf(""), HUGE_VALF}) {
    model.temperature = wrong;
    CHECK_THROWS_AS(mien::model::write_model(path, model), mien::ArgumentError);
    CHECK_THROWS_AS(mien::infer::Session(model), mien::ArgumentError);
  }
  model.temperature = 1;
  mien::model::write_model(path, model);
  for (const char* wrong : {"0", "-1", "nan", "inf", "", "1 ", "1e300", "1e-60", "warm"}) {
    const auto file = mien::model::SafetensorsFile::open(path);
    mien::model::Metadata metadata = file.metadata();
    metadata["mien.temperature"] = wrong;
    mien::model::write_safetensors(folder / "wrong.safetensors", metadata, file.tensors());
    CHECK_THROWS_WITH(mien::model::read_model(folder / "wrong.safetensors"),
                      (folder / "wrong.safetensors").string() + ": temperature \"" + wrong +
                          "\", expected a finite number above 0");
  }
}

TEST_CASE("a model file keeps its face margin, FER2013's where there is none, and refuses others") {
  const mien::test::TemporaryFolder folder;
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | dense 3");
  mien::nn::Network network = make_network(spec);
  ModelFile model = make_model(spec, network);
  const auto path = folder / "m.safetensors";
  for (const float margin : {0.1f, -0.25f, 0.0f, 1.0f}) {
    model.face_margin = margin;
    mien::model::write_model(path, model);
    CHECK(mien::model::read_model(path).face_margin == margin);
  }
  for (const float wrong : {-0.26f, 1.01f, std::nanf(""), HUGE_VALF}) {
    model.face_margin = wrong;
    CHECK_THROWS_AS(mien::model::write_model(path, model), mien::ArgumentError);
  }
  const auto changed = folder / "changed.safetensors";
  const auto file = mien::model::SafetensorsFile::open(path);
  mien::model::Metadata metadata = file.metadata();
  metadata.erase("mien.face_margin");
  mien::model::write_safetensors(changed, metadata, file.tensors());
  CHECK(mien::model::read_model(changed).face_margin == mien::model::kDefaultFaceMargin);
  for (const char* wrong : {"1.1", "-1", "nan", "inf", "", "1e300", "wide"}) {
    metadata["mien.face_margin"] = wrong;
    mien::model::write_safetensors(changed, metadata, file.tensors());
    CHECK_THROWS_WITH(mien::model::read_model(changed),
                      changed.string() + ": face margin \"" + wrong + "\", expected -0.25 .. 1");
  }
}

TEST_CASE("a model file keeps how faces of a network are cut out, where that is not the usual") {
  const mien::test::TemporaryFolder folder;
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | dense 3");
  mien::nn::Network network = make_network(spec);
  ModelFile model = make_model(spec, network);
  const auto path = folder / "m.safetensors";
  for (const float crop : {0.5f, 1.1f, 3.0f, mien::model::kDefaultFaceCrop}) {
    model.face_crop = crop;
    mien::model::write_model(path, model);
    CHECK(mien::model::read_model(path).face_crop == crop);
  }
  const auto file = mien::model::SafetensorsFile::open(path);
  CHECK(file.metadata().count("mien.face_crop") == 0);
  for (const float wrong : {0.49f, 3.01f, std::nanf("")}) {
    model.face_crop = wrong;
    CHECK_THROWS_AS(mien::model::write_model(path, model), mien::ArgumentError);
  }
  mien::model::Metadata metadata = file.metadata();
  metadata["mien.face_crop"] = "4";
  const auto changed = folder / "changed.safetensors";
  mien::model::write_safetensors(changed, metadata, file.tensors());
  CHECK_THROWS_WITH(mien::model::read_model(changed),
                    changed.string() + ": face crop \"4\", expected 0.5 .. 3");
}

TEST_CASE("model files that do not hold together are refused, naming the tensor") {
  const mien::test::TemporaryFolder folder;
  const auto spec = mien::model::ModelSpec::from_text("input 1 4 4 | dense 3");
  mien::nn::Network network = make_network(spec);
  const ModelFile good = make_model(spec, network);
  const auto file = folder / "m.safetensors";

  ModelFile bad = good;
  bad.weights[0].tensor = bad.weights[0].tensor.clone();
  bad.weights[0].tensor.mutable_data()[5] = std::nanf("");
  mien::model::write_model(file, bad);
  CHECK_THROWS_WITH(mien::model::read_model(file),
                    file.string() + ": tensor dense1.weight holds NaN or infinity");

  bad = good;
  bad.weights.pop_back();
  CHECK_THROWS_AS(mien::model::write_model(file, bad), mien::ArgumentError);
  bad = good;
  bad.labels.pop_back();
  CHECK_THROWS_AS(mien::model::write_model(file, bad), mien::ArgumentError);

  // Files as somebody else might make them.
  std::vector<mien::model::NamedTensor> weights;
  for (const mien::model::Weight& weight : good.weights) weights.push_back({weight.name, weight.tensor});
  const auto write = [&](const std::string& spec_text, const std::vector<mien::model::NamedTensor>& tensors) {
    mien::model::write_safetensors(file,
                                   {{"mien.format", "1"},
                                    {"mien.name", "x"},
                                    {"mien.spec", spec_text},
                                    {"mien.labels", "[\"a\",\"b\",\"c\"]"},
                                    {"mien.input", "{\"per_image\":\"none\",\"scale\":1.0}"}},
                                   tensors);
  };
  write("input 1 4 4 | dense 4", weights);
  CHECK_THROWS_WITH(mien::model::read_model(file), file.string() + ": 3 labels for 4 classes");
  write("input 1 5 5 | dense 3", weights);
  CHECK_THROWS_WITH(mien::model::read_model(file),
                    file.string() + ": tensor dense1.weight is 16x3, the spec needs 25x3");
  write("input 1 4 4 | dense 3 nobias", weights);
  CHECK_THROWS_WITH(mien::model::read_model(file),
                    file.string() + ": tensor \"dense1.bias\" does not belong to the spec");
  write("input 1 4 4 | dense 3", {weights[0]});
  CHECK_THROWS_WITH(mien::model::read_model(file), file.string() + ": tensor dense1.bias is missing");
  write("input 1 4096 4096 | dense 3", weights);  // must not take memory for what is not there
  CHECK_THROWS_AS(mien::model::read_model(file), mien::DataError);
  write("nonsense", weights);
  CHECK_THROWS_AS(mien::model::read_model(file), mien::DataError);
  mien::model::write_safetensors(file, {}, weights);
  CHECK_THROWS_WITH(mien::model::read_model(file),
                    file.string() + ": not a mien model: its metadata lacks \"mien.format\"");
}
