// Measures the network that train wrote on two made-up images, with what reads data sets but does not train.
#include <cstdio>
#include <mien/eval.hpp>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const mien::model::ModelFile model = mien::model::read_model(argv[1]);
  mien::infer::Session session(model, mien::eval::kEvaluationBatch);
  mien::data::Dataset dataset;
  dataset.width = dataset.height = 8;
  dataset.pixels.assign(64, 0);
  dataset.pixels.resize(128, 1);
  dataset.labels = {0, 1};
  dataset.splits = {mien::data::Split::public_test, mien::data::Split::public_test};
  const std::vector<std::uint32_t> rows{0, 1};
  const mien::eval::Evaluation evaluation =
      mien::eval::evaluate(dataset, rows, model.normalization, model.labels,
                           [&](float* p, const float* x, mien::Index n) { session.predict(p, x, n); });
  std::printf("%s\n", mien::eval::summary(evaluation, "made up").c_str());
  return evaluation.confusion.total() == 2 ? 0 : 1;
}
