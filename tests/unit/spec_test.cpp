#include "mien/model/spec.hpp"

#include <limits>
#include <string>
#include <string_view>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/model/describe.hpp"
#include "mien/model/graph.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using mien::ArgumentError;
using mien::Shape;
using mien::model::ModelSpec;

namespace {

std::string error_of(const std::string& text) {
  return mien::test::error_of<ArgumentError>([&] { (void)ModelSpec::from_text(text, "net.spec"); });
}

}  // namespace

TEST_CASE("the paper's network has the shapes and the 61.6 million weights of the paper") {
  const auto layers = mien::model::plan(mien::model::paper_spec()).nodes;
  CHECK(mien::model::weight_count(mien::model::paper_spec()) == 61563655);
  CHECK(mien::model::class_count(mien::model::paper_spec()) == 7);
  CHECK(mien::model::weight_count(mien::model::preset("small")) == 602935);
  CHECK(mien::model::class_count(mien::model::preset("large")) == 7);
  CHECK_FALSE(mien::model::is_preset("huge"));
  CHECK_THROWS_WITH(mien::model::preset("huge"),
                    "[preset] expected one of paper, small, large, faces, points, got `huge`");
  CHECK(layers[0].output == Shape{64, 48, 48});
  CHECK(layers[2].output == Shape{64, 24, 24});
  CHECK(layers[7].name == "maxpool2");
  CHECK(layers[7].output == Shape{128, 12, 12});
  CHECK(layers[8].parameters[0].name == "dense1.weight");
  CHECK(layers[8].parameters[0].shape == Shape{18432, 3072});
}

TEST_CASE("a spec survives its text form") {
  const std::string text =
      "input 1 20 24 | conv 8 3 same stride 2 nobias | batchnorm 0.001 0.2 | relu | maxpool 2 2 valid | "
      "lrn 2 1 0.001 0.75 | avgpool 3 1 same | dropout 0.25 | conv 4 3 valid | globalpool | flatten | dense 7 "
      "nobias";
  const ModelSpec spec = ModelSpec::from_text(text);
  CHECK(spec.to_text() == text);
  CHECK(ModelSpec::from_text(spec.to_text()) == spec);
}

TEST_CASE("windows may be rectangular and padded") {
  const std::string text =
      "input 4 20 24 | conv 8 3x5 pad 1 2 1 2 stride 2 | maxpool 3 2 pad 1 | dwconv 5 same stride 2 nobias"
      " | avgpool 2 1 pad 0 1 0 0 | dwconv 2 valid | dense 2";
  const ModelSpec spec = ModelSpec::from_text(text);
  CHECK(spec.to_text() == text);
  CHECK(ModelSpec::from_text(spec.to_text()) == spec);
  const auto layers = mien::model::plan(spec).nodes;
  CHECK(layers[0].output == Shape{8, 10, 12});
  CHECK(layers[0].parameters[0].shape == Shape{8, 4, 3, 5});
  CHECK(layers[1].output == Shape{8, 5, 6});
  CHECK(layers[2].parameters[0].shape == Shape{8, 1, 5, 5});
  CHECK(layers[3].output == Shape{8, 2, 3});
  CHECK(error_of("conv 8 3x") == "net.spec:1:8: a kernel edge must be an integer 1 to 255, found `3x`");
  CHECK(error_of("conv 8 3 pad") == "net.spec:1:13: `conv` needs rows or columns of zeros");
  CHECK(error_of("conv 8 3 pad 1 2") == "net.spec:1:17: `conv` needs rows or columns of zeros");
  CHECK(error_of("conv 8 3 pad 256") ==
        "net.spec:1:14: rows or columns of zeros must be an integer 0 to 255, found `256`");
  CHECK(error_of("maxpool 3 2 pad 3") ==
        "net.spec:1:1: [maxpool1] padding must be less than the window of 3, got 3");
  CHECK(error_of("input 1 4 4 | conv 8 7 pad 1") ==
        "net.spec:1:15: [conv1] a window of 7 does not fit 6 rows or columns");
}

TEST_CASE("lines, comments and blanks are as good as bars") {
  const ModelSpec a =
      ModelSpec::from_text("input 1 8 8\n# a comment\n\nconv 2 3   # same is the default\r\nrelu\ndense 3\n");
  const ModelSpec b = ModelSpec::from_text("input 1 8 8|conv 2 3 same|relu|dense 3");
  CHECK(a == b);
}

TEST_CASE("a spec's file may begin with a byte order mark and must be UTF-8") {
  const mien::test::TemporaryFolder folder;
  const std::string file = (folder / "net.spec").string();
  mien::write_file_atomically(file,
                              "\xef\xbb\xbf"
                              "dense 7\n");
  CHECK(ModelSpec::from_file(file) == ModelSpec::from_text("dense 7"));
  mien::write_file_atomically(file, std::string_view("\xff\xfe"
                                                     "d\0",
                                                     4));
  CHECK(mien::test::error_of([&] { (void)ModelSpec::from_file(file); }) ==
        file + ": the text is UTF-16, save it as UTF-8");
}

TEST_CASE("mistakes in a spec are named with line and column") {
  CHECK(error_of("") == "net.spec:1:1: no layers");
  CHECK(error_of("# nothing") == "net.spec:1:1: no layers");
  CHECK(error_of("dense 7\n  cnov 3 3") ==
        "net.spec:2:3: unknown layer `cnov`; known: input, conv, dwconv, maxpool, avgpool, globalpool, lrn, "
        "batchnorm, relu, sigmoid, relu6, hswish, silu, leakyrelu, prelu, dropout, flatten, dense, upsample, "
        "add, concat, gate, from, output");
  CHECK(error_of("conv 64") == "net.spec:1:8: `conv` needs a kernel edge");
  CHECK(error_of("conv x 3") == "net.spec:1:6: a number of filters must be an integer 1 to 65536, found `x`");
  CHECK(error_of("conv 0 3") == "net.spec:1:6: a number of filters must be an integer 1 to 65536, found `0`");
  CHECK(error_of("conv 8 3 same 2") == "net.spec:1:15: unexpected `2`");
  CHECK(error_of("dropout 1") == "net.spec:1:9: a rate must be a number 0 to 0.99, found `1`");
  CHECK(error_of("dropout nan") == "net.spec:1:9: a rate must be a number 0 to 0.99, found `nan`");
  CHECK(error_of("relu\n rel\x1bu") == "net.spec:2:2: unexpected \"rel\\x1bu\"");
  CHECK(error_of(std::string((1 << 20) + 1, '|')) == "net.spec: larger than the limit of 1048576 bytes");
  CHECK(error_of("relu | input 1 8 8") == "net.spec:1:8: `input` must come first");
  CHECK(error_of("maxpool 16 2") == "net.spec:1:9: a window edge must be an integer 1 to 15, found `16`");
}

TEST_CASE("layers that do not fit each other are named") {
  CHECK(error_of("input 1 4 4 | conv 8 5 valid") ==
        "net.spec:1:15: [conv1] a window of 5 does not fit 4 rows or columns");
  CHECK(error_of("dense 7 | conv 8 3") == "net.spec:1:11: [conv1] needs an image, its input is 7");
  CHECK(error_of("dense 7 | lrn 4 1 0 0.75") == "net.spec:1:11: [lrn1] needs an image, its input is 7");
  CHECK(error_of("input 1 4096 4096 | dense 1000") ==
        "net.spec:1:21: [dense1] the network has more than 2^31 weights");
  CHECK_THROWS_AS(mien::model::class_count(ModelSpec::from_text("conv 7 3")), ArgumentError);
}

TEST_CASE("same padding follows TensorFlow, the odd zero at the end") {
  CHECK(mien::window_axis(48, 3, 2, mien::Padding::same.rows(), "pool").output == 24);
  CHECK(mien::window_axis(48, 3, 2, mien::Padding::same.rows(), "pool").pad_before == 0);
  CHECK(mien::window_axis(47, 3, 2, mien::Padding::same.rows(), "pool").pad_before == 1);
  CHECK(mien::window_axis(48, 5, 1, mien::Padding::same.rows(), "conv").pad_before == 2);
  CHECK(mien::window_axis(7, 3, 2, mien::Padding::valid.rows(), "conv").output == 3);
}

TEST_CASE("no window goes beyond the largest numbers") {
  constexpr mien::Index kMost = std::numeric_limits<mien::Index>::max();
  CHECK(mien::window_axis(48, 3, kMost, mien::Padding::same.rows(), "conv").output == 1);
  CHECK(mien::window_axis(0, 3, 1, mien::Padding::same.rows(), "conv").output == 0);
}

TEST_CASE("a network put together by a program meets the limits of one that is written") {
  using namespace mien::model;
  const auto error = [](const LayerSpec& layer) -> std::string {
    try {
      (void)plan({.channels = 1, .height = 48, .width = 48, .layers = {layer}});
    } catch (const ArgumentError& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK_THROWS_WITH(plan({.channels = 1, .height = 5000, .width = 48, .layers = {}}),
                    "[input] the height must be 1 to 4096, got 5000");
  CHECK_THROWS_WITH(plan({.channels = 0, .height = 48, .width = 48, .layers = {}}),
                    "[input] the number of channels must be 1 to 1024, got 0");
  CHECK_THROWS_WITH(
      plan({.channels = 1, .height = 1, .width = 1, .layers = std::vector<Layer>(1001, ReluSpec{})}),
      "[spec] more than 1000 layers");
  CHECK(error(MaxPoolSpec{.kernel = 15, .stride = 1}) == "no error");
  CHECK(error(MaxPoolSpec{.kernel = 16, .stride = 1}) == "[maxpool1] the window edge must be 1 to 15, got 16");
  CHECK(error(ConvSpec{.out = 0, .kernel = 3}) == "[conv1] the number of filters must be 1 to 65536, got 0");
  CHECK(error(ConvSpec{.out = 4, .kernel = 3, .padding = mien::Padding::same, .stride = 256}) ==
        "[conv1] the stride must be 1 to 255, got 256");
  CHECK(error(LrnSpec{.radius = -1}) == "[lrn1] the radius must be 0 to 1024, got -1");
  CHECK(error(BatchNormSpec{.epsilon = 0}) == "[batchnorm1] epsilon must be 1e-12 to 1, got 0");
  CHECK(error(DropoutSpec{.rate = 0.995f}) == "[dropout1] the rate must be 0 to 0.99, got 0.995");
  CHECK(error(DenseSpec{.out = -1}) == "[dense1] the number of outputs must be 1 to 1048576, got -1");
}

TEST_CASE("a described network ends in its number of weights") {
  const std::string table = mien::model::describe(mien::model::paper_spec());
  CHECK(table.find("61563655          183 M\nin fp32 246 MB of weights, ") != std::string::npos);
  CHECK(table.find("conv 128 5 same") != std::string::npos);
}

TEST_CASE("dropout can be put in front of every dense layer, or taken away") {
  using mien::model::with_dropout;
  const ModelSpec spec = ModelSpec::from_text(
      "input 1 8 8 | dropout 0.1 | conv 2 3 same | relu | dense 5 | relu | dropout 0.2 | dense 3");
  CHECK(with_dropout(spec, 0.5f).to_text() ==
        ModelSpec::from_text("input 1 8 8 | dropout 0.1 | conv 2 3 same | relu | dropout 0.5 | dense 5 | relu"
                             " | dropout 0.5 | dense 3")
            .to_text());
  CHECK(with_dropout(spec, 0).to_text() ==
        ModelSpec::from_text("input 1 8 8 | dropout 0.1 | conv 2 3 same | relu | dense 5 | relu | dense 3")
            .to_text());
  CHECK(with_dropout(ModelSpec::from_text("input 1 8 8 | dense 3"), 0.25f).layers.size() == 2);
  for (const float wrong : {-0.1f, 1.0f, std::nanf("")})
    CHECK_THROWS_AS(with_dropout(spec, wrong), ArgumentError);
}

TEST_CASE("a network is fitted to other images and classes") {
  const ModelSpec small = mien::model::fitted(mien::model::preset("small"), {3, 32, 64}, 10);
  CHECK(small.input_shape() == mien::Shape{3, 32, 64});
  CHECK(mien::model::class_count(small) == 10);
  CHECK(mien::model::fitted(mien::model::preset("paper"), {1, 48, 48}, 7) == mien::model::preset("paper"));
  CHECK_THROWS_AS(mien::model::fitted(mien::model::preset("small"), {1, 4, 4}, 7), mien::ArgumentError);
  CHECK_THROWS_WITH(mien::model::fitted(mien::model::preset("faces"), {1, 48, 48}, 7),
                    "[fitted] the last layer is no dense one");
}
