// Reads the network that train wrote and predicts with the runtime alone.
#include <cmath>
#include <cstdio>
#include <mien/runtime.hpp>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  mien::infer::Session session(mien::model::read_model(argv[1]));
  const std::vector<float> bright(static_cast<std::size_t>(session.input_size()), 1.0f);
  float p[2] = {};
  if (session.class_count() != 2) return 1;
  session.predict(p, bright.data(), 1);
  std::printf("dark %.4f, bright %.4f\n", double{p[0]}, double{p[1]});
  if (std::fabs(p[0] + p[1] - 1.0f) > 1e-6f) return 1;

  // A file, since the models that come along may not have been installed.
  if (mien::model::find_model(argv[1]).file != std::string(argv[1])) return 1;

  // Close to what the README does.
  const mien::model::ModelFile model = mien::model::read_model(argv[1]);
  mien::reader::FaceReader reader({&model, 1});
  const mien::image::GrayImage picture{20, 30, std::vector<std::uint8_t>(600, 200)};
  for (const auto& face : reader.read(picture).faces) {
    const std::size_t best = face.ranking().front();
    std::printf("%s %.4f\n", model.labels[best].c_str(), double{face.probabilities[best]});
    return face.probabilities[best] >= 0.5f ? 0 : 1;
  }
  return 1;
}
