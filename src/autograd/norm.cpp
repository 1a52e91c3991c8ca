#include <algorithm>
#include <vector>

#include "autograd/check.hpp"
#include "mien/autograd/ops.hpp"
#include "mien/autograd/share.hpp"
#include "ops/ops.hpp"

namespace mien::autograd {
namespace {

ops::ChannelExtents batch_norm_extents(const Variable& x, const Variable& gamma, const Variable& beta,
                                       Layout layout) {
  ops::ChannelExtents s = require_channels("batch_norm", x.shape());
  s.layout = layout;
  require_vector("batch_norm", "gamma", gamma.shape(), s.channels);
  require_vector("batch_norm", "beta", beta.shape(), s.channels);
  return s;
}

Tensor inverse_deviation(const Tensor& variance, float epsilon) {
  Tensor result = Tensor::uninitialized(variance.shape());
  ops::inverse_deviation(result.mutable_data(), variance.data(), epsilon, variance.size());
  return result;
}

// Holds on to what it points to.
struct BatchNormTensors {
  Tensor mean, inv_std, gamma, beta;
  bool relu = false;

  ops::BatchNormVectors vectors() const {
    return {mean.data(), inv_std.data(), gamma.data(), beta.data(), relu};
  }
};

Tensor apply(const Variable& x, const ops::ChannelExtents& s, const BatchNormTensors& how) {
  Tensor y = Tensor::uninitialized(x.shape());
  ops::batch_norm_apply(y.mutable_data(), x.value().data(), s, how.vectors());
  return y;
}

// `compute` is one of the two batch_norm backward operations.
Tape::Backward backward_by(decltype(ops::batch_norm_backward)* compute, const Tensor& x,
                           const BatchNormTensors& how, const ops::ChannelExtents& s) {
  return [=](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(x.shape());
    Tensor dgamma = Tensor::uninitialized({s.channels});
    Tensor dbeta = Tensor::uninitialized({s.channels});
    compute(dx.mutable_data(), dgamma.mutable_data(), dbeta.mutable_data(), dy.data(), x.data(), s,
            how.vectors());
    gradients.add(0, Gradient::dense(dx));
    gradients.add(1, Gradient::dense(dgamma));
    gradients.add(2, Gradient::dense(dbeta));
  };
}

ops::ChannelExtents part_of(const ops::ChannelExtents& s, Index images) {
  ops::ChannelExtents part = s;
  part.n = images;
  return part;
}

// Mean and variance of a batch from those of its parts, in double precision (Chan, Golub, LeVeque 1979).
void shared_statistics(Tensor& mean, Tensor& variance, const Tensor& x, const ops::ChannelExtents& s,
                       const BatchShare& share) {
  const Index channels = s.channels, image = channels * s.pixels;
  // Of each part how many values a channel has, and their means and variances.
  Tensor here = Tensor::uninitialized({share.parts_here(), 1 + 2 * channels});
  share.for_each_part([&](Index part, Index first, Index images) {
    float* to = here.mutable_data() + part * here.dim(1);
    *to++ = static_cast<float>(images);
    ops::batch_norm_statistics(to, to + channels, x.data() + first * image, part_of(s, images));
  });
  const Tensor all = share.gather_parts(here);
  const auto images = static_cast<double>(share.images());
  for (Index c = 0; c < channels; ++c) {
    double whole = 0, spread = 0;
    const auto sum = [&](auto term) {
      for (Index part = 0; part < all.dim(0); ++part) {
        const float* of = all.data() + part * all.dim(1);
        term(double{of[0]}, double{of[1 + c]}, double{of[1 + channels + c]});
      }
    };
    sum([&](double n, double part_mean, double) { whole += n * part_mean; });
    whole /= images;
    sum([&](double n, double part_mean, double part_variance) {
      spread += n * (part_variance + (part_mean - whole) * (part_mean - whole));
    });
    mean.mutable_data()[c] = static_cast<float>(whole);
    variance.mutable_data()[c] = static_cast<float>(spread / images);
  }
}

Tape::Backward shared_backward(const Tensor& x, const BatchNormTensors& how, const ops::ChannelExtents& s,
                               const BatchShare& share) {
  return [x, how, s, &share](const Tensor& dy, InputGradients& gradients) {
    const Index channels = s.channels, image = channels * s.pixels;
    std::vector<double> here(static_cast<std::size_t>(share.parts_here() * 2 * channels));
    share.for_each_part([&](Index part, Index first, Index images) {
      ops::batch_norm_part(here.data() + part * 2 * channels, dy.data() + first * image,
                           x.data() + first * image, part_of(s, images), how.vectors());
    });
    const std::vector<double> sums = share.sum_parts(here);
    Tensor dx = Tensor::uninitialized(x.shape());
    ops::batch_norm_gradient(dx.mutable_data(), sums.data(), static_cast<double>(share.images() * s.pixels),
                             dy.data(), x.data(), s, how.vectors());
    const auto vector_of = [&](auto from) {
      Tensor values = Tensor::uninitialized({channels});
      std::transform(from, from + channels, values.mutable_data(),
                     [](double sum) { return static_cast<float>(sum); });
      return Gradient::dense(values);
    };
    gradients.add(0, Gradient::dense(dx));
    gradients.add(1, vector_of(sums.begin() + channels));
    gradients.add(2, vector_of(sums.begin()));
  };
}

}  // namespace

Variable local_response_norm(const Variable& x, const model::LrnSpec& options, Layout layout) {
  require_image("local_response_norm", x.shape());
  if (options.radius < 0) {
    fail("local_response_norm", "the radius must be at least 0, got " + std::to_string(options.radius));
  }
  const Shape s = x.shape();
  if (layout == Layout::channels_last && !ops::lrn_takes_layouts(s[1], options.radius)) {
    fail("local_response_norm",
         "images lie channels-last for channels in multiples of 16 up to 4064 and radii up to 16, got " +
             s.to_string() + ", radius " + std::to_string(options.radius));
  }
  const Index pixels = s[2] * s[3];
  const ops::LrnParameters p{options.radius, options.bias, options.alpha, options.beta};
  Tensor y = Tensor::uninitialized(s);
  ops::lrn_forward(y.mutable_data(), x.value().data(), s[0], s[1], pixels, p, layout);
  auto backward = [x_value = x.value(), s, pixels, p, layout](const Tensor& dy, InputGradients& gradients) {
    Tensor dx = Tensor::uninitialized(s);
    ops::lrn_backward(dx.mutable_data(), dy.data(), x_value.data(), s[0], s[1], pixels, p, layout);
    gradients.add(0, Gradient::dense(dx));
  };
  return x.tape().record(y, {x}, std::move(backward));
}

Variable batch_norm_train(const Variable& x, const Variable& gamma, const Variable& beta, float epsilon,
                          Tensor& mean, Tensor& variance, bool relu, Layout layout) {
  const ops::ChannelExtents s = batch_norm_extents(x, gamma, beta, layout);
  const BatchShare* share = x.tape().share();
  const Index images = share != nullptr ? share->images() : s.n;
  if (images * s.pixels == 0)
    fail("batch_norm", "nothing to take the mean of, input is " + x.shape().to_string());
  if (images * s.pixels == 1) {
    fail("batch_norm",
         "one value of each channel has no variance to train with, input is " + x.shape().to_string());
  }
  mean = Tensor::uninitialized({s.channels});
  variance = Tensor::uninitialized({s.channels});
  if (share != nullptr) {
    shared_statistics(mean, variance, x.value(), s, *share);
  } else {
    ops::batch_norm_statistics(mean.mutable_data(), variance.mutable_data(), x.value().data(), s);
  }
  const BatchNormTensors how{mean, inverse_deviation(variance, epsilon), gamma.value(), beta.value(), relu};
  const Tensor y = apply(x, s, how);
  if (share != nullptr) {
    return x.tape().record(y, {x, gamma, beta}, shared_backward(x.value(), how, s, *share));
  }
  return x.tape().record(y, {x, gamma, beta}, backward_by(ops::batch_norm_backward, x.value(), how, s));
}

Variable batch_norm_eval(const Variable& x, const Variable& gamma, const Variable& beta, float epsilon,
                         const Tensor& mean, const Tensor& variance, Layout layout) {
  const ops::ChannelExtents s = batch_norm_extents(x, gamma, beta, layout);
  require_vector("batch_norm", "mean", mean.shape(), s.channels);
  require_vector("batch_norm", "variance", variance.shape(), s.channels);
  const BatchNormTensors how{mean, inverse_deviation(variance, epsilon), gamma.value(), beta.value()};
  const Tensor y = apply(x, s, how);
  return x.tape().record(y, {x, gamma, beta}, backward_by(ops::batch_norm_fixed_backward, x.value(), how, s));
}

}  // namespace mien::autograd
