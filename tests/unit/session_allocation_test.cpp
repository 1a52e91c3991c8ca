// A session that is warm takes no memory. A program of its own, since it counts every allocation there is.
#include <atomic>
#include <cstdlib>
#include <new>

#include "mien/core/memory.hpp"
#include "mien/core/parallel.hpp"
#include "mien/infer/session.hpp"
#include "mien/model/encoding.hpp"
#include "mien/nn/initialize.hpp"
#include "mien/nn/network.hpp"
#include "support/catch.hpp"

namespace {

std::atomic<long> heap_allocations{0};

}  // namespace

// Not inlined: where GCC 14 sees free() beside a call of operator new it warns that the two do not belong
// together.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++heap_allocations;
  void* block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace {

using namespace mien;

constexpr const char* kChain =
    "input 1 24 24 | conv 16 5 same | relu | maxpool 3 2 same | lrn 4 1 0.01 0.75 | conv 32 3 same | batchnorm "
    "| relu | avgpool 2 2 | dense 300 | relu | dropout 0.5 | dense 7";
constexpr const char* kBranches =
    "input 1 24 24 | conv 16 3 same stride 2 | batchnorm | hswish as a | dwconv 3 | batchnorm | relu | dwconv "
    "5 as b"
    " | globalpool | dense 4 | prelu | dense 16 | sigmoid | gate b | add a | relu | maxpool 2 2 | upsample | "
    "concat a b"
    " | silu | globalpool | leakyrelu | dense 7";
constexpr const char* kLarge =
    "input 1 256 256 | conv 8 3 pad 1 stride 2 | relu | conv 16 3 stride 2 | relu | dwconv 3 | conv 8 1 | "
    "globalpool | dense 7";

model::ModelFile make_model(const char* text) {
  model::ModelFile model;
  model.spec = model::ModelSpec::from_text(text);
  nn::Network network = nn::build(model.spec);
  nn::initialize(network, nn::Scheme::he, 1);
  for (const auto* p : network.parameters()) model.weights.push_back({p->name, p->value});
  return model;
}

}  // namespace

TEST_CASE("a session that is warm allocates nothing") {
  const int before = thread_count();
  const char* const text = GENERATE(kChain, kBranches, kLarge);
  for (const int threads : {1, 2}) {
    set_thread_count(threads);
    for (const Encoding encoding : {Encoding::f32, Encoding::bf16, Encoding::int8}) {
      for (const Index n : {1, 3, 12}) {
        CAPTURE(threads, model::to_string(encoding), n);
        infer::Session session(model::with_encoding(make_model(text), encoding), n);
        const Tensor x = Tensor::full({n, session.input_size()}, 0.5f);
        Tensor probabilities({n, session.class_count()});
        session.predict(probabilities.mutable_data(), x.data(), n);
        const std::uint64_t blocks = memory_statistics().system_allocations;
        const long heap = heap_allocations;
        for (int i = 0; i < 10; ++i) session.predict(probabilities.mutable_data(), x.data(), n);
        const long heap_after = heap_allocations;
        CHECK(heap_after == heap);
        CHECK(memory_statistics().system_allocations == blocks);
      }
    }
  }
  set_thread_count(before);
}
