// Times the paper's network in oneDNN for compare.py, by the protocol of Peer in process.py.
//
//   onednn_peer step|predict --batch 50 --threads 2 --precision f32|bf16 --conv2 nhwc|blocked
//   onednn_peer step --check      compares gradients with differences of the loss, then trains a little
//
// Exit codes: 0 all is well, 1 a check failed, 2 wrong usage, 3 oneDNN cannot compute this here.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "onednn_network.hpp"

namespace {

using onednn::Index;
using onednn::Network;

double median_ms(Network& network, int runs) {
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    network.run();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  const std::size_t half = times.size() / 2;
  return times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2.0;
}

int serve(Network& network) {
  constexpr int kWarmUps = 3;
  (void)median_ms(network, kWarmUps);
  std::cout << "ready" << std::endl;
  std::string word;
  for (int runs = 0; std::cin >> word >> runs;) {
    if (word != "burst" || runs < 1) return 2;
    std::cout << "{\"median_ms\": " << median_ms(network, runs) << "}" << std::endl;
  }
  return 0;
}

std::vector<float> gradient_of(const onednn::Parameter& parameter) {
  const auto count = onednn::element_count(parameter.gradient);
  const void* first = parameter.gradient.get_data_handle();
  std::vector<float> values(static_cast<std::size_t>(count));
  if (onednn::is_bf16(parameter.gradient)) {
    std::copy_n(static_cast<const onednn::Bf16*>(first), count, values.begin());
  } else {
    std::copy_n(static_cast<const float*>(first), count, values.begin());
  }
  return values;
}

float* master_of(const onednn::Parameter& parameter) {
  return static_cast<float*>(parameter.master.get_data_handle());
}

// Random weights that have been rounded to bf16 all stand in the middle of what is rounded to them, so that
// small changes of them would all be lost.
void move_off_the_grid(const onednn::Parameter& parameter) {
  std::minstd_rand generator;
  std::uniform_real_distribution<float> change(-0x1p-4F, 0x1p-4F);
  float* values = master_of(parameter);
  const Index count = onednn::element_count(parameter.gradient);
  for (Index i = 0; i < count; ++i) values[i] *= 1.0F + change(generator);
}

// The loss after the weights have gone so far from `from` along `direction`.
float loss_at(Network& network, const onednn::Parameter& parameter, const std::vector<float>& from,
              const std::vector<float>& direction, double far) {
  float* values = master_of(parameter);
  for (std::size_t i = 0; i < from.size(); ++i) values[i] = from[i] + static_cast<float>(far) * direction[i];
  network.run();  // its update, of no size, also takes the weights to where the next forward pass reads them
  network.run();
  return network.loss();
}

struct Check {
  double change;     // of the loss, as a part of it, that the differences are taken over
  double tolerance;  // of the gradient's square
};

constexpr Check kF32{0.01, 0.01}, kBf16{0.1, 0.25};

// A step along the gradient must change the loss by the gradient's square.
bool check_gradient(Network& network, const onednn::Parameter& parameter, const Check& how) {
  network.run();
  const std::vector<float> gradient = gradient_of(parameter);
  const std::vector<float> weights(master_of(parameter), master_of(parameter) + gradient.size());
  double square = 0.0;
  for (const float g : gradient) square += static_cast<double>(g) * g;
  const double far = how.change * network.loss() / square;
  const double change = static_cast<double>(loss_at(network, parameter, weights, gradient, far)) -
                        loss_at(network, parameter, weights, gradient, -far);
  (void)loss_at(network, parameter, weights, gradient, 0.0);
  const double ratio = change / (2.0 * far * square);
  std::printf("%-15s gradient's norm %.3e, the loss changes by %.4f of what that says\n",
              parameter.name.c_str(), std::sqrt(square), ratio);
  return std::abs(ratio - 1.0) < how.tolerance;
}

bool check(Network& network, const Check& how) {
  constexpr int kSteps = 20;
  constexpr float kRate = 1e-4F;
  network.set_rate(0.0F);
  network.freeze_dropout();
  for (const onednn::Parameter& parameter : network.parameters()) move_off_the_grid(parameter);
  network.run();
  bool good = true;
  for (const onednn::Parameter& parameter : network.parameters()) {
    good = check_gradient(network, parameter, how) && good;
  }
  const float first = network.loss();
  network.set_rate(kRate);
  for (int step = 0; step < kSteps; ++step) network.run();
  std::printf("loss %.4f, after %d steps %.4f\n", first, kSteps, network.loss());
  return good && network.loss() < 0.5F * first;
}

}  // namespace

int main(int argc, char** argv) {
  onednn::Options options;
  int threads = 1;
  bool checking = false;
  std::string what, precision = "f32", conv2 = "nhwc";
  CLI::App app{"Times the paper's network in oneDNN."};
  app.set_version_flag("--version", "oneDNN " + std::to_string(dnnl::version()->major) + "." +
                                        std::to_string(dnnl::version()->minor) + "." +
                                        std::to_string(dnnl::version()->patch));
  app.add_option("what", what)->required()->check(CLI::IsMember({"step", "predict"}));
  app.add_option("--batch", options.batch)->check(CLI::Range(1, 100000));
  app.add_option("--threads", threads)->check(CLI::Range(1, 1024));
  app.add_option("--precision", precision)->check(CLI::IsMember({"f32", "bf16"}));
  app.add_option("--conv2", conv2)->check(CLI::IsMember({"nhwc", "blocked"}));
  app.add_flag("--check", checking);
  try {
    app.parse(argc, argv);
    options.training = what == "step";
    if (checking && !options.training) throw CLI::ValidationError("--check", "is for step");
    options.bf16 = precision == "bf16";
    options.conv2_blocked = conv2 == "blocked";
    omp_set_num_threads(threads);
    Network network(options);
    if (!checking) return serve(network);
    return check(network, options.bf16 ? kBf16 : kF32) ? 0 : 1;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const dnnl::error& error) {
    std::fprintf(stderr, "onednn_peer: this oneDNN cannot compute it in %s here: %s\n", precision.c_str(),
                 error.what());
    return 3;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "onednn_peer: %s\n", error.what());
    return 3;
  }
}
