// Several ranks that train one network: the same bits for any number of them.
#include <algorithm>
#include <numeric>

#include "autograd/without_zeros.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/core/error.hpp"
#include "mien/train/checkpoint.hpp"
#include "mien/train/trainer.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/sample_training.hpp"
#include "support/temporary_folder.hpp"
#include "support/threads_as_ranks.hpp"

using mien::Index;
using mien::Tensor;
using mien::autograd::BatchShare;
using mien::data::Split;
using mien::train::Trainer;
using mien::train::TrainOptions;

using namespace mien::test;

namespace {

// Every kind of sum over images: convolutions' by all methods, of few and of many channels, depthwise ones',
// batch normalization's of both layouts and of rows, slopes', dense layers'; and what is drawn for each image.
TrainOptions options_of_all_kinds() {
  TrainOptions options = mien::train::recipe("paper");
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 16 5 same | relu | maxpool 3 2 same | lrn 2 1 0.001 0.75 | dwconv 3 | prelu"
      " | conv 16 3 same stride 2 nobias | batchnorm | relu | conv 32 3 same nobias | batchnorm | relu"
      " | maxpool 2 2 | conv 128 3 same | batchnorm | relu | conv 128 3 same | relu | maxpool 2 2"
      " | dense 48 nobias | batchnorm | relu | dropout 0.5 | dense 7");
  options.batch = 40;
  options.parts = 8;
  options.schedule.base = 1e-3f;
  options.augmentation = {.mirror = 0.5f, .shift = 0.05f, .noise = 8, .erase = 0.1f};
  options.mix.mixup = 0.4f;
  options.average = 0.9f;
  return options;
}

// A dense layer of 4.7 million weights, which ranks share out.
TrainOptions options_of_shared_layer() {
  TrainOptions options = mien::train::recipe("paper");
  options.spec = mien::model::ModelSpec::from_text(
      "input 1 48 48 | conv 8 5 same | relu | maxpool 3 2 same | dense 1024 | relu | dropout 0.5 | dense 7");
  options.batch = 41;
  options.parts = 8;
  options.shard_dense = true;
  options.average = 0.9f;
  return options;
}

// Calls body(trainer, communicator) for each of so many ranks.
template <typename Body>
void with_trainers(const TrainOptions& options, int ranks, Body body) {
  ThreadsAsRanks world(ranks);
  world.run([&](mien::comm::Communicator& mine) {
    Trainer trainer(options,
                    mien::train::expression_task(options, faces(), faces().indices(Split::training), labels()),
                    mine);
    body(trainer, mine);
  });
}

// Weights, moments and averages.
std::vector<float> all_values(Trainer& trainer) {
  std::vector<float> values = parameter_values(trainer);
  const auto add = [&](const Tensor& tensor) {
    values.insert(values.end(), tensor.values().begin(), tensor.values().end());
  };
  for (const auto& [name, tensor] : trainer.optimizer().state()) add(tensor);
  if (trainer.average() == nullptr) return values;
  for (const Tensor& tensor : trainer.average()->values()) add(tensor);
  return values;
}

std::vector<float> trained(const TrainOptions& options, int ranks, double* loss = nullptr) {
  std::vector<std::vector<float>> values(static_cast<std::size_t>(ranks));
  with_trainers(options, ranks, [&](Trainer& trainer, mien::comm::Communicator& mine) {
    mien::train::StepResult result;
    for (int step = 0; step < 3; ++step) result = trainer.step();
    trainer.collect();
    values[static_cast<std::size_t>(mine.rank())] = all_values(trainer);
    if (mine.rank() == 0 && loss != nullptr) *loss = result.loss;
  });
  for (const std::vector<float>& others : values) CHECK((options.shard_dense || same_bits(others, values[0])));
  return values[0];
}

}  // namespace

TEST_CASE("any number of ranks gives the same bits") {
  const TrainOptions options = options_of_all_kinds();
  const std::vector<float> one = trained(options, 1);
  for (const int ranks : {2, 3, 4, 8}) CHECK(same_bits(trained(options, ranks), one));
}

TEST_CASE("a batch in parts learns what a whole one does") {
  TrainOptions options = options_of_all_kinds();
  double in_parts = 0, whole = 0;
  (void)trained(options, 1, &in_parts);
  options.parts = 1;
  (void)trained(options, 1, &whole);
  CHECK(in_parts == Approx(whole).epsilon(1e-3));
}

TEST_CASE("any number of ranks and threads gives the same bits where it shares a layer out") {
  TrainOptions options = options_of_shared_layer();
  SECTION("Adam") {}
  SECTION("Adam in few bits") {
    std::get<mien::optim::AdamOptions>(options.optimizer).moments = mien::Precision::bf16;
    options.precision = mien::Precision::bf16;
  }
  SECTION("SGD without an average") {
    options.optimizer = mien::train::kNesterov;
    options.average = 0;
  }
  const std::vector<float> one = trained(options, 1);
  for (const int ranks : {2, 3, 4}) {
    mien::set_thread_count(ranks == 3 ? 1 : 2);
    CHECK(same_bits(trained(options, ranks), one));
  }
  mien::set_thread_count(0);
}

TEST_CASE("a layer that is shared out learns what a whole one does") {
  TrainOptions options = options_of_shared_layer();
  double shared = 0, whole = 0;
  const std::vector<float> others = trained(options, 1, &shared);
  options.shard_dense = false;
  CHECK_FALSE(same_bits(trained(options, 1, &whole), others));
  CHECK(shared == Approx(whole).epsilon(1e-3));
}

TEST_CASE("a rank keeps its own rows of a layer that is shared out") {
  constexpr Index kRanks = 4, kPage = (64 << 10) / sizeof(float);  // or smaller
  std::vector<Index> kept(kRanks), all(kRanks);
  with_trainers(options_of_shared_layer(), kRanks, [&](Trainer& trainer, mien::comm::Communicator& mine) {
    for (int step = 0; step < 2; ++step) trainer.step();
    const auto me = static_cast<std::size_t>(mine.rank());
    const auto look = [&](const Tensor& tensor) {
      all[me] += tensor.size();
      for (const float value : tensor.values()) kept[me] += value != 0.0f;
    };
    const auto& parameters = trainer.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i]->rows == nullptr) continue;
      look(parameters[i]->value);
      look(trainer.average()->values()[i]);
      for (const auto& [name, tensor] : trainer.optimizer().state()) {
        if (name.ends_with(parameters[i]->name)) look(tensor);
      }
    }
  });
  CHECK(all[0] == 4 * 4608 * 1024);
  for (std::size_t r = 1; r < kRanks; ++r) CHECK(kept[r] <= all[r] / kRanks + 8 * kPage);
  CHECK(kept[0] > kept[1]);
}

TEST_CASE("a run whose ranks share a layer out goes on with other ranks") {
  const TrainOptions options = options_of_shared_layer();
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "last.safetensors";
  std::vector<bool> collected;
  with_trainers(options, 4, [&](Trainer& trainer, mien::comm::Communicator& mine) {
    trainer.step();
    const bool before = trainer.is_collected();
    const std::string fault = trainer.state_fault();
    if (mine.rank() != 0) return;
    collected = {before, trainer.is_collected()};
    if (fault.empty()) mien::train::write_checkpoint(file, trainer, {}, {}, {});
  });
  CHECK(collected == std::vector{false, true});
  std::vector<float> resumed;
  with_trainers(options, 2, [&](Trainer& trainer, mien::comm::Communicator& mine) {
    mien::train::restore(trainer, mien::model::SafetensorsFile::open(file));
    for (int step = 0; step < 2; ++step) trainer.step();
    trainer.collect();
    if (mine.rank() == 0) resumed = all_values(trainer);
  });
  CHECK(same_bits(resumed, trained(options, 1)));
}

TEST_CASE("which layers are shared out depends on the network and the parts alone") {
  using mien::Shape;
  using mien::train::can_shard;
  CHECK(can_shard(Shape{18432, 3072}, 8));
  CHECK(can_shard(Shape{2048, 2048}, 8));
  CHECK_FALSE(can_shard(Shape{2047, 2048}, 8));
  CHECK_FALSE(can_shard(Shape{1024, 8192}, 8));   // its sums are more than its rows
  CHECK_FALSE(can_shard(Shape{2048, 2048}, 33));  // 62 rows a part
  CHECK_FALSE(can_shard(Shape{18432, 3072}, 1));
  CHECK_FALSE(can_shard(Shape{512, 512, 5, 5}, 8));
  TrainOptions options = options_of_shared_layer();
  CHECK(can_shard(options));
  options.spec = mien::model::preset("small");
  CHECK_FALSE(can_shard(options));
}

TEST_CASE("batches that ranks cannot share are refused") {
  const auto refusal = [](Index images, Index parts) {
    std::string message;
    ThreadsAsRanks world(3);
    world.run([&](mien::comm::Communicator& mine) {
      const std::string text = error_of<mien::ArgumentError>([&] { BatchShare(mine, images, parts); });
      if (mine.rank() == 0) message = text;
    });
    return message;
  };
  CHECK(refusal(30, 8) == "no error");
  CHECK(
      refusal(30, 2) ==
      "[parts] a batch of 30 images in 2 parts for 3 ranks: one rank has none; make more parts, or start fewer "
      "ranks");
  CHECK(refusal(12, 8).find("each rank needs five images or more") != std::string::npos);
  CHECK(refusal(30, 0) == "[parts] expected at least 1, got 0");
}

TEST_CASE("ranks have all images of a batch, each once") {
  constexpr Index kImages = 53;
  for (const int ranks : {1, 2, 3, 5}) {
    std::vector<std::vector<float>> seen(static_cast<std::size_t>(ranks));
    std::vector<char> own(seen.size());
    ThreadsAsRanks world(ranks);
    world.run([&](mien::comm::Communicator& mine) {
      const BatchShare share(mine, kImages, 8);
      Tensor numbers = Tensor::uninitialized({share.count(), 1});
      std::iota(numbers.mutable_data(), numbers.mutable_data() + share.count(),
                static_cast<float>(share.first()));
      const Tensor all = share.gather_rows(numbers);
      const auto me = static_cast<std::size_t>(mine.rank());
      seen[me].assign(all.values().begin(), all.values().end());
      const Tensor back = share.own_rows(all);
      own[me] = std::equal(back.values().begin(), back.values().end(), numbers.values().begin());
    });
    std::vector<float> expected(kImages);
    std::iota(expected.begin(), expected.end(), 0.0f);
    for (std::size_t r = 0; r < seen.size(); ++r) {
      CHECK(seen[r] == expected);
      CHECK(own[r]);
    }
  }
}

TEST_CASE("rows come back from being made shorter") {
  for (const std::size_t size : {0, 1, 31, 32, 33, 200}) {
    for (const std::size_t every : {1, 2, 7}) {
      std::vector<float> values(size);
      for (std::size_t i = 0; i < size; i += every)
        values[i] = i % 3 == 0 ? -0.0f : 1.5f * static_cast<float>(i);
      const std::vector<std::uint32_t> words = mien::autograd::without_zeros(values);
      CHECK(words.size() <= size);
      if (size == 200 && every == 7) CHECK(words.size() == 7 + 29);
      std::vector<float> back(size, 9.0f);
      mien::autograd::with_zeros(back, words);
      CHECK((size == 0 || same_bits(back, values)));
    }
  }
}

TEST_CASE("a loss that is not finite ends all ranks at the same layer") {
  const bool shared = GENERATE(false, true);
  TrainOptions options = shared ? options_of_shared_layer() : options_of_all_kinds();
  options.schedule.base = 1e30f;
  options.mix = {};
  std::vector<std::string> messages(3);
  with_trainers(options, 3, [&](Trainer& trainer, mien::comm::Communicator& mine) {
    try {
      for (int step = 0; step < 5; ++step) trainer.step();
    } catch (const mien::DivergedError& error) {
      messages[static_cast<std::size_t>(mine.rank())] = error.what();
    }
  });
  CHECK(messages[0].find("step 2") != std::string::npos);
  CHECK(messages[1] == messages[0]);
  CHECK(messages[2] == messages[0]);
}
