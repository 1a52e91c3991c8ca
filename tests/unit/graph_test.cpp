// Networks with branches: their text, what is fused, where their values lie.
#include "mien/model/graph.hpp"

#include <algorithm>
#include <string>

#include "infer/buffers.hpp"
#include "mien/core/error.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/fuse.hpp"
#include "mien/nn/initialize.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::ArgumentError;
using mien::Index;
using mien::Shape;
using mien::Tensor;
using namespace mien::model;

namespace {

std::string error_of(const std::string& text) {
  return mien::test::error_of<ArgumentError>([&] { (void)ModelSpec::from_text(text, "net.spec"); });
}

Graph fused(const std::string& text, Use use) {
  return fuse(plan(ModelSpec::from_text(text)), use);
}

// "conv1(relu1 maxpool1) dense1"
std::string names_of(const Graph& graph) {
  std::string names;
  for (const Node& node : graph.nodes) {
    names += (names.empty() ? "" : " ") + node.name;
    for (const Node& next : node.epilogue) {
      names += (&next == &node.epilogue.front() ? "(" : " ") + next.name;
    }
    if (!node.epilogue.empty()) names += ")";
  }
  return names;
}

constexpr const char* kResidual =
    "input 1 8 8 as image | conv 4 3 same | relu as a | conv 4 3 same | batchnorm 1e-05 0.1 | add a | relu as b"
    " | from image | conv 4 1 same as c | add b | dense 3";

ModelFile with_random_weights(const ModelSpec& spec) {
  mien::nn::Network network(spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, 1);
  ModelFile model;
  model.spec = spec;
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  return model;
}

Tensor counting(const Shape& shape) {
  Tensor tensor(shape);
  for (Index i = 0; i < tensor.size(); ++i) tensor.mutable_data()[i] = static_cast<float>(i % 13) - 6.0f;
  return tensor;
}

// The nodes whose values lie channels-last.
std::string last_of(const std::string& text, Use use = Use::learn) {
  std::string names;
  const Graph graph = fused(text, use);
  for (const Node& node : graph.nodes) {
    const bool input_last =
        node.inputs[0] != Node::kNetworkInput &&
        graph.nodes[static_cast<std::size_t>(node.inputs[0])].layout == mien::Layout::channels_last;
    CHECK((node.input_layout == mien::Layout::channels_last) == input_last);
    if (node.layout == mien::Layout::channels_last) names += (names.empty() ? "" : " ") + node.name;
  }
  return names;
}

TEST_CASE("values between convolutions that can lie channels-last") {
  CHECK(last_of("input 16 8 8 | conv 16 3 | conv 32 3 | dense 3") == "conv1");
  CHECK(last_of("input 1 8 8 | conv 16 3 | batchnorm | relu | conv 32 3 | batchnorm | relu | maxpool 2 2 | "
                "dropout 0.1"
                " | conv 16 5 | relu | sigmoid | conv 16 3 | globalpool | dense 3") ==
        "conv2 batchnorm2 maxpool1 dropout1 conv3 sigmoid1");
  CHECK(
      last_of(
          "input 1 8 8 | conv 16 3 | batchnorm | relu | conv 32 3 | relu | batchnorm | maxpool 2 2 | conv 16 5"
          " | dense 3",
          Use::predict) == "conv2 batchnorm2 maxpool1");
  // A dense layer copies what has been pooled, and that alone.
  CHECK(last_of("input 16 8 8 | conv 16 3 | lrn 2 1 0.001 0.75 | maxpool 2 2 | dense 3") ==
        "conv1 lrn1 maxpool1");
  CHECK(last_of("input 16 8 8 | conv 16 3 | lrn 2 1 0.001 0.75 | dense 3") == "");
  CHECK(last_of("input 16 8 8 | conv 16 3 | maxpool 2 2 | dropout 0.1 | dense 3") == "");
  // What computes channels-first otherwise, in front or behind.
  CHECK(last_of("input 16 8 8 | conv 16 3 | lrn 17 1 0.001 0.75 | conv 16 3 | dense 3") == "");
  CHECK(last_of("input 16 8 8 | conv 16 3 | batchnorm | conv 16 3 stride 2 | dense 3") == "");
  CHECK(last_of("input 16 8 8 | conv 16 3 | batchnorm | conv 17 3 | dense 3") == "");
  CHECK(last_of("input 16 8 8 | conv 16 3 | avgpool 2 2 | conv 16 3 | dense 3") == "");
}

TEST_CASE("branches lie channels-last if all of them do") {
  CHECK(last_of("input 16 8 8 | conv 16 3 as a | conv 16 3 | batchnorm | add a | relu | conv 16 3 | dense 3") ==
        "conv1 conv2 batchnorm1 add1");
  CHECK(last_of("input 16 8 8 as image | conv 16 3 | batchnorm | add image | relu | conv 16 3 | dense 3") ==
        "");
  CHECK(last_of("input 16 8 8 | conv 16 3 as a | conv 16 3 as b | output a b") == "");
}

}  // namespace

TEST_CASE("a network with branches survives its text form") {
  const ModelSpec spec = ModelSpec::from_text(kResidual);
  CHECK(spec.to_text() == kResidual);
  CHECK(ModelSpec::from_text(spec.to_text()) == spec);
  const std::string two = "input 1 4 4 | conv 2 3 same as a | globalpool | dense 2 as b | output b a";
  CHECK(ModelSpec::from_text(two).to_text() == two);
}

TEST_CASE("a layer that names a value reads it besides the one before") {
  const Graph graph = plan(ModelSpec::from_text(kResidual));
  CHECK(graph.nodes[4].name == "add1");
  CHECK(graph.nodes[4].inputs == std::vector<int>{3, 1});
  CHECK(graph.nodes[6].name == "from1");
  CHECK(graph.nodes[6].inputs == std::vector<int>{Node::kNetworkInput});
  CHECK(graph.nodes[7].parameters[0].shape == Shape{4, 1, 1, 1});
  CHECK(graph.outputs == std::vector<int>{9});
  const Graph two = plan(ModelSpec::from_text("input 1 4 4 | relu as a | dense 2 as b | output b a"));
  CHECK(two.outputs == std::vector<int>{1, 0});
  CHECK_THROWS_WITH(two.single_output(), "[spec] one output is needed, the network has 2");
  CHECK_THROWS_WITH(class_count(ModelSpec::from_text("relu as a | dense 2 as b | output b a")),
                    "[spec] one output is needed, the network has 2");
}

TEST_CASE("mistakes in references name both places") {
  CHECK(error_of("relu | add a\n| relu as a | dense 2") ==
        "net.spec:1:12: `a` names a value that comes only at 2:11; layers read what is before them");
  CHECK(error_of("relu as a | relu\nrelu as a") ==
        "net.spec:2:9: `a` is the name of another value already, at 1:9");
  CHECK(error_of("input 1 8 8 as a | relu as a") ==
        "net.spec:1:28: `a` is the name of another value already, at 1:16");
  CHECK(error_of("relu | add a") ==
        "net.spec:1:12: no value is named `a`; `as a` behind a layer names its value");
  CHECK(error_of("relu as a | add") == "net.spec:1:16: `add` needs the name of a value to add");
  CHECK(error_of("relu as") == "net.spec:1:6: `as` needs a name");
  CHECK(error_of("relu as 1a").starts_with("net.spec:1:9: a name must be a letter or _"));
  CHECK(error_of("relu as a b") == "net.spec:1:6: unexpected `as`");
  CHECK(error_of("relu as a | output a | relu") == "net.spec:1:24: nothing may come behind `output`");
  CHECK(error_of("relu as a | output b") ==
        "net.spec:1:20: no value is named `b`; `as b` behind a layer names its value");
  CHECK(error_of("relu as a | output a as b") == "net.spec:1:25: an output has its name already");
  CHECK(error_of("input 1 8 8 as a | maxpool 2 2 | concat a") ==
        "net.spec:1:34: [concat1] joins values that differ in their channels alone, these are 1x4x4 and `a` "
        "1x8x8");
  CHECK(error_of("input 3 8 8 as a | globalpool as b | dense 2 | gate a") ==
        "net.spec:1:48: [gate1] needs an image and one value for each of its channels, these are 2 and `a` "
        "3x8x8");
  CHECK(error_of("input 1 8 8 as a | conv 2 3 | add a") ==
        "net.spec:1:31: [add1] adds values of one shape, these are 2x8x8 and `a` 1x8x8");
}

TEST_CASE("a value that goes nowhere is a mistake") {
  CHECK(error_of("conv 4 3 as a | conv 4 3 | from a | globalpool | dense 7") ==
        "net.spec:1:17: [conv2] nothing reads its value: neither a layer behind it nor an output");
  CHECK(error_of("input 1 8 8 | dense 7 as a | relu | output a") ==
        "net.spec:1:30: [relu1] nothing reads its value: neither a layer behind it nor an output");
  CHECK_THROWS_WITH(plan({.layers = {{ReluSpec{}, "a"}, ReluSpec{}}, .outputs = {"a"}}),
                    "[relu2] nothing reads its value: neither a layer behind it nor an output");
}

TEST_CASE("a kind that ends in a digit is numbered behind a line") {
  const Graph graph = plan(ModelSpec::from_text("relu6 | relu | relu6"));
  CHECK(graph.nodes[0].name == "relu6_1");
  CHECK(graph.nodes[1].name == "relu1");
  CHECK(graph.nodes[2].name == "relu6_2");
}

TEST_CASE("a network put together by a program meets the rules of names") {
  CHECK_THROWS_WITH(plan({.layers = {{ReluSpec{}, "a"}, {ReluSpec{}, "a"}}}),
                    "[spec] two values are named `a`");
  CHECK_THROWS_WITH(plan({.layers = {{ReluSpec{}, "as"}}}), "[spec] \"as\" cannot name a value");
  CHECK_THROWS_WITH(plan({.layers = {{ReluSpec{}, "a"}, AddSpec{"b"}}}),
                    "[add1] no value before it is named \"b\"");
  CHECK_THROWS_WITH(plan({.layers = {{ReluSpec{}, "a"}}, .outputs = {"a", "a"}}),
                    "[output] `a` is named twice");
}

TEST_CASE("layers are fused where their value goes nowhere else") {
  CHECK(names_of(fused(kResidual, Use::learn)) ==
        "conv1(relu1) conv2 batchnorm1 add1(relu2) from1 conv3 add2 dense1");
  CHECK(names_of(fused(kResidual, Use::predict)) ==
        "conv1(relu1) conv2(batchnorm1) add1(relu2) conv3 add2 dense1");
  const std::string chain =
      "input 1 9 9 | conv 4 3 | relu | maxpool 3 2 | conv 16 3 | relu | conv 16 3 | relu | maxpool 2 2 | "
      "flatten"
      " | dropout 0.5 | dense 6 | batchnorm | relu | dense 2";
  CHECK(names_of(fused(chain, Use::learn)) ==
        "conv1(relu1 maxpool1) conv2(relu2) conv3(relu3) maxpool2 flatten1 dropout1 dense1 batchnorm1(relu4) "
        "dense2");
  CHECK(names_of(fused(chain, Use::predict)) ==
        "conv1(relu1 maxpool1) conv2(relu2) conv3(relu3) maxpool2 dense1(batchnorm1) relu4 dense2");
  CHECK(names_of(fused("dwconv 3 | batchnorm | relu | conv 4 1 | batchnorm | hswish | dense 2",
                       Use::predict)) == "dwconv1(batchnorm1 relu1) conv1(batchnorm2) hswish1 dense1");
  // Somebody reads what would no longer be there.
  CHECK(names_of(fused("conv 4 3 as a | relu | add a | dense 2", Use::predict)) == "conv1 relu1 add1 dense1");
  CHECK(names_of(fused("conv 4 3 as a | relu as b | output a b", Use::learn)) == "conv1 relu1");
}

TEST_CASE("a network that branches predicts what it computes in training") {
  const ModelSpec spec = ModelSpec::from_text(
      "input 2 9 9 as image | conv 4 3 same | relu as a | conv 4 3x5 pad 1 2 1 2 | add a | relu"
      " | dropout 0.5 as b | from image | conv 4 1 same | add b | add a as c | dwconv 3 stride 2 | relu | "
      "dwconv 5 nobias"
      " | prelu as e | globalpool | dense 3 | leakyrelu 0.1 | dense 4 | relu6 | gate e | hswish"
      " | upsample as f | from c | maxpool 2 1 pad 1 | silu | concat f f | dense 5 as d | output d c image");
  const ModelFile model = with_random_weights(spec);
  mien::nn::Network network(spec);
  mien::nn::initialize(network, mien::nn::Scheme::he, 1);
  const Tensor x = counting({3, 2, 9, 9});
  mien::autograd::Tape tape(mien::autograd::Tape::Recording::off);
  const auto expected = network.outputs(tape, tape.constant(x), mien::nn::Mode::eval());
  mien::infer::Session session(model, 3);
  CHECK(session.class_count() == 0);
  CHECK_THROWS_AS(session.logits(nullptr, x.data(), 1), ArgumentError);
  REQUIRE(session.output_shapes() == std::vector<Shape>{{5}, {4, 9, 9}, {2, 9, 9}});
  Tensor d({3, 5}), c({3, 4, 9, 9}), image({3, 2, 9, 9});
  float* const out[] = {d.mutable_data(), c.mutable_data(), image.mutable_data()};
  session.outputs(out, x.data(), 3);
  const Tensor* const given[] = {&d, &c, &image};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto values = expected[i].value().values();
    CHECK(std::equal(values.begin(), values.end(), given[i]->data()));
  }
  CHECK_THROWS_AS(session.outputs(std::span(out, 2), x.data(), 3), ArgumentError);
}

TEST_CASE("buffers of values that are needed together do not overlap") {
  for (const char* text : {kResidual,
                           "input 1 16 16 | conv 8 3 as a | conv 16 3 as b | conv 4 3 as c | conv 8 3 | add a"
                           " | conv 16 3 | add b | conv 4 3 | add c | globalpool | dense 3"}) {
    const Graph graph = fused(text, Use::predict);
    const mien::infer::BufferPlan plan = mien::infer::plan_buffers(graph);
    const std::vector<int> last = last_readers(graph);
    const auto size = [&](std::size_t i) { return graph.nodes[i].value_shape().size(); };
    for (std::size_t j = 0; j < graph.nodes.size(); ++j) {
      CHECK(plan.offsets[j] + size(j) <= plan.size);
      for (std::size_t i = 0; i < j; ++i) {
        if (last[i] < static_cast<int>(j)) continue;  // read for the last time before j is written
        const bool apart =
            plan.offsets[i] + size(i) <= plan.offsets[j] || plan.offsets[j] + size(j) <= plan.offsets[i];
        const bool in_place = last[i] == static_cast<int>(j) && plan.offsets[i] == plan.offsets[j];
        CHECK((apart || in_place));
      }
    }
  }
}

TEST_CASE("a session needs no more memory than two buffers of the largest value") {
  for (const char* name : {"paper", "small", "large"}) {
    const ModelSpec spec = preset(name);
    Index largest = spec.input_shape().size(), argmax = 0;
    for (const Node& node : plan(spec).nodes) {
      largest = std::max(largest, node.output.size());
      if (std::holds_alternative<MaxPoolSpec>(node.spec)) argmax = std::max(argmax, node.output.size());
    }
    const mien::infer::Session session(with_random_weights(spec));
    CAPTURE(name, session.buffer_bytes());
    CHECK(session.buffer_bytes() <= static_cast<std::size_t>(2 * 4 * largest + argmax));
  }
}
