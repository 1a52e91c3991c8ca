#include <algorithm>

#include "kernels/reference.hpp"
#include "support/compare.hpp"
#include "support/op_cases.hpp"

namespace {

using namespace mien::testing;
using namespace mien::kernels;

template <typename Test>
void for_each_conv(Test test) {
  for (const ConvCase& c : conv_cases()) {
    if (c.size == CaseSize::huge) continue;
    INFO(describe(c));
    test(c.g);
  }
}

std::vector<float> relu_of(std::vector<float> values) {
  for (float& value : values) value = std::max(value, 0.0f);
  return values;
}

TEST_CASE("convolution forward equals the reference for every instruction set") {
  for_each_conv([](const Conv2dGeometry& g) {
    const std::vector<float> x = integers(input_count(g), 1);
    const std::vector<float> w = integers(weight_count(g), 2);
    const std::vector<float> b = integers(g.out_channels, 3);
    std::vector<float> with_bias(static_cast<std::size_t>(output_count(g)));
    std::vector<float> without_bias = with_bias;
    reference::conv2d_forward(with_bias.data(), x.data(), w.data(), b.data(), g);
    reference::conv2d_forward<float>(without_bias.data(), x.data(), w.data(), nullptr, g);
    const Index pixels = g.out_height * g.out_width;
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> workspace(table.conv2d_panel_workspace(g));
      Guarded<float> filter(table.conv2d_filter_size(g));
      table.conv2d_filter(filter.data(), w.data(), g);
      CHECK(filter.intact());
      Guarded<float> y(output_count(g));
      table.conv2d_forward(y.data(), x.data(), filter.data(), b.data(), false, g, 0, pixels, workspace.data());
      CHECK(difference(y, with_bias) == "");
      Guarded<float> y_without(output_count(g));
      // In parts, which need not be whole panels.
      for (Index begin = 0; begin < pixels; begin += 37) {
        table.conv2d_forward(y_without.data(), x.data(), filter.data(), nullptr, false, g, begin,
                             std::min(begin + 37, pixels), workspace.data());
      }
      CHECK(difference(y_without, without_bias) == "");
      Guarded<float> positive(output_count(g));
      table.conv2d_forward(positive.data(), x.data(), filter.data(), b.data(), true, g, 0, pixels,
                           workspace.data());
      CHECK(difference(positive, relu_of(with_bias)) == "");
      CHECK(workspace.intact());
    });
  });
}

TEST_CASE("convolution backward to the input equals the reference for every instruction set") {
  for_each_conv([](const Conv2dGeometry& g) {
    const std::vector<float> dy = integers(output_count(g), 4);
    const std::vector<float> w = integers(weight_count(g), 5);
    std::vector<float> expected(static_cast<std::size_t>(input_count(g)));
    reference::conv2d_backward_input(expected.data(), dy.data(), w.data(), g);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> workspace(table.conv2d_workspace(g));
      Guarded<float> dx(input_count(g));
      table.conv2d_backward_input(dx.data(), dy.data(), w.data(), g, workspace.data());
      CHECK(difference(dx, expected) == "");
      CHECK(workspace.intact());
    });
  });
}

TEST_CASE("convolution backward to the weights adds to what is there, for every instruction set") {
  for_each_conv([](const Conv2dGeometry& g) {
    const std::vector<float> dy = integers(output_count(g), 6);
    const std::vector<float> x = integers(input_count(g), 7);
    const std::vector<float> dw_before = integers(weight_count(g), 8, -50, 50);
    const std::vector<float> db_before = integers(g.out_channels, 9, -50, 50);
    std::vector<float> dw_expected = dw_before;
    std::vector<float> db_expected = db_before;
    reference::conv2d_backward_weight(dw_expected.data(), db_expected.data(), dy.data(), x.data(), g);
    for_each_isa([&](const KernelTable& table) {
      Guarded<float> workspace(table.conv2d_workspace(g));
      Guarded<float> dw(dw_before);
      Guarded<float> db(db_before);
      table.conv2d_backward_weight(dw.data(), db.data(), dy.data(), x.data(), g, workspace.data());
      CHECK(difference(dw, dw_expected) == "");
      CHECK(difference(db, db_expected) == "");
      Guarded<float> dw_alone(dw_before);
      table.conv2d_backward_weight(dw_alone.data(), nullptr, dy.data(), x.data(), g, workspace.data());
      CHECK(difference(dw_alone, dw_expected) == "");
      CHECK(workspace.intact());
    });
  });
}

}  // namespace
