// The models that come along hold what they gave on the processor that wrote them, x86-64: every instruction
// set of every processor has to give the same to 1e-4.
#include <string>

#include "mien/infer/session.hpp"
#include "mien/model/model_file.hpp"
#include "support/compare.hpp"

namespace {

using namespace mien::testing;

TEST_CASE("the models that come along predict what they did where they were written") {
  const std::string name = GENERATE("small", "large", "faces", "points");
  CAPTURE(name);
  const mien::model::ModelFile model =
      mien::model::read_model(MIEN_SAMPLE_FOLDER "/models/" + name + ".safetensors");
  REQUIRE(model.sample_output.defined());
  const auto expected = model.sample_output.values();
  for_each_isa([&](const mien::kernels::KernelTable&) {
    mien::infer::Session session(model);
    const mien::Tensor output = session.sample_output(model.sample_input);
    CHECK(difference(std::vector<float>(output.values().begin(), output.values().end()),
                     std::vector<float>(expected.begin(), expected.end()),
                     {.absolute = 1e-4, .relative = 1e-4}) == "");
  });
}

}  // namespace
