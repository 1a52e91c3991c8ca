// Weights of one spec under the names of another that is the same network.
#include "mien/model/match.hpp"

#include "mien/core/error.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"

using mien::Tensor;
using mien::model::ModelFile;
using mien::model::ModelSpec;

namespace {

// Each weight is filled with its place, from 1.
ModelFile numbered(const std::string& spec) {
  ModelFile model;
  model.name = "best";
  model.spec = ModelSpec::from_text(spec);
  for (const mien::model::ParameterSpec& parameter : parameters_of(mien::model::plan(model.spec))) {
    const auto place = static_cast<float>(model.weights.size() + 1);
    model.weights.push_back({parameter.name, Tensor::full(parameter.shape, place)});
  }
  return model;
}

std::vector<std::pair<std::string, int>> matched(const std::string& from, const std::string& to) {
  const ModelFile model = mien::model::matched(numbered(from), ModelSpec::from_text(to));
  CHECK(model.spec == ModelSpec::from_text(to));
  std::vector<std::pair<std::string, int>> places;
  for (const mien::model::Weight& weight : model.weights) {
    places.emplace_back(weight.name, static_cast<int>(weight.tensor.values()[0]));
  }
  return places;
}

std::string refusal(const std::string& from, const std::string& to) {
  try {
    (void)matched(from, to);
  } catch (const mien::DataError& error) {
    return error.what();
  }
  return {};
}

const std::string kInput = "input 1 8 8 | ";
using Places = std::vector<std::pair<std::string, int>>;

}  // namespace

TEST_CASE("weights go over to a network that differs in nothing predictions depend on") {
  const Places expected = {{"conv1.weight", 1},
                           {"batchnorm1.weight", 2},
                           {"batchnorm1.bias", 3},
                           {"batchnorm1.running_mean", 4},
                           {"batchnorm1.running_var", 5},
                           {"dense1.weight", 6},
                           {"dense1.bias", 7}};
  CHECK(matched(kInput + "conv 4 3 nobias | batchnorm | relu | flatten | dense 2",
                kInput + "conv 4 3 nobias | batchnorm 1e-05 0.3 | relu | dropout 0.4 | dense 2") == expected);
}

TEST_CASE("padding is what it comes to") {
  const std::string end = " | globalpool | dense 2";
  CHECK_FALSE(matched(kInput + "conv 4 3 pad 1 | conv 4 1 valid stride 2 | maxpool 2 2" + end,
                      kInput + "conv 4 3 same | conv 4 1 same stride 2 | maxpool 2 2 same" + end)
                  .empty());
  CHECK(refusal(kInput + "conv 4 3 pad 1 stride 2" + end, kInput + "conv 4 3 same stride 2" + end) ==
        "best: conv1 (conv 4 3 pad 1 stride 2) is conv1 (conv 4 3 same stride 2) in the network asked for");
}

TEST_CASE("weights find their branch however it is written") {
  const std::string one =
      kInput + "conv 4 3 nobias as a | conv 4 3 nobias as b | from a | conv 4 1 nobias | add b";
  const std::string other =
      kInput + "conv 4 3 nobias as q | conv 4 1 nobias as r | from q | conv 4 3 nobias | add r";
  CHECK(matched(one + " | dense 2 nobias", other + " | dense 2 nobias") ==
        Places{{"conv1.weight", 1}, {"conv2.weight", 3}, {"conv3.weight", 2}, {"dense1.weight", 4}});
}

TEST_CASE("what differs between networks is named, the last layer of it first") {
  const std::string good = kInput + "conv 4 3 | relu | dense 2";
  CHECK(refusal(good, good).empty());
  CHECK(refusal(good, kInput + "conv 4 3 | relu | dense 3") ==
        "best: dense1 (dense 2) is dense1 (dense 3) in the network asked for");
  CHECK(refusal(good, kInput + "conv 4 5 | relu | dense 2") ==
        "best: conv1 (conv 4 3 same) is conv1 (conv 4 5 same) in the network asked for");
  CHECK(refusal(good, kInput + "conv 4 3 | dense 2") ==
        "best: relu1 (relu) is conv1 (conv 4 3 same) in the network asked for");
  CHECK(refusal(good, kInput + "relu | conv 4 3 | relu | dense 2") ==
        "best: input (1x8x8) is relu1 (relu) in the network asked for");
  CHECK(refusal(good, "input 1 8 9 | conv 4 3 | relu | dense 2") ==
        "best: input (1x8x8) is input (1x8x9) in the network asked for");
  const std::string twice = "input 1 8 8 as i | conv 1 3 as a | from i | conv 1 3 | add a | dense 2";
  CHECK(refusal(twice, kInput + "conv 1 3 as a | add a | dense 2") ==
        "best: conv2 (conv 1 3 same) and conv1 (conv 1 3 same) are one layer, conv1 (conv 1 3 same), in the "
        "network "
        "asked for");
}
