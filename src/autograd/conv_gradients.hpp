// The gradients of a convolution's three inputs.
#pragma once

#include <algorithm>

#include "mien/autograd/share.hpp"
#include "mien/autograd/tape.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {

// Makes the tensors that compute(to, first image, images) writes, and hands them on; of a convolution without a
// bias no sums for one. With a share of a batch each part has sums of its own.
template <typename Compute>
void add_conv_gradients(InputGradients& gradients, const Tensor& x, const Tensor& w, const BatchShare* share,
                        Compute compute) {
  Tensor dx = gradients.needed(0) ? Tensor::uninitialized(x.shape()) : Tensor();
  Tensor dw = Tensor::uninitialized(w.shape());
  Tensor db = gradients.needed(2) ? Tensor::uninitialized({w.dim(0)}) : Tensor();
  float* const dx_data = dx.defined() ? dx.mutable_data() : nullptr;
  float* const db_data = db.defined() ? db.mutable_data() : nullptr;
  if (share == nullptr) {
    compute(ops::Conv2dGradients{dx_data, dw.mutable_data(), db_data}, Index{0}, x.dim(0));
  } else {
    const Index image = x.size() / x.dim(0);
    Tensor sums = Tensor::uninitialized({share->parts_here(), dw.size() + (db.defined() ? db.size() : 0)});
    share->for_each_part([&](Index part, Index first, Index images) {
      float* const to = sums.mutable_data() + part * sums.dim(1);
      float* const dx_part = dx_data != nullptr ? dx_data + first * image : nullptr;
      float* const db_part = db.defined() ? to + dw.size() : nullptr;
      compute(ops::Conv2dGradients{dx_part, to, db_part, 1}, first, images);
    });
    const Tensor sum = share->sum_parts(sums);
    std::copy_n(sum.data(), dw.size(), dw.mutable_data());
    if (db.defined()) std::copy_n(sum.data() + dw.size(), db.size(), db.mutable_data());
  }
  if (dx.defined()) gradients.add(0, Gradient::dense(dx));
  gradients.add(1, Gradient::dense(dw));
  if (db.defined()) gradients.add(2, Gradient::dense(db));
}

// Where the values of images from `first` on begin; null where there are none.
inline const float* images_from(const Tensor& images, Index first) {
  return images.defined() ? images.data() + first * (images.size() / images.dim(0)) : nullptr;
}

}  // namespace mien::autograd
