// Two narrow networks with branches for 48 x 48 images: together every kind of layer that joins, and the kinds
// that such networks are made of. data/resnet.spec and data/mobilenet.spec are wide ones.
#pragma once

namespace mien::test {

/// Residual blocks with squeeze-and-excite, one of them with a projection.
inline constexpr const char* kResnetSpec =
    "input 1 48 48 | conv 8 3 stride 2 nobias | batchnorm | relu | maxpool 3 2 same as stem"
    " | conv 8 3 nobias | batchnorm | relu | conv 8 3 nobias | batchnorm as x1"
    " | globalpool | dense 4 | relu | dense 8 | sigmoid | gate x1 | add stem | relu as block1"
    " | conv 16 3 stride 2 nobias | batchnorm | relu | conv 16 3 nobias | batchnorm as x2"
    " | globalpool | dense 4 | relu | dense 16 | sigmoid | gate x2 as y2"
    " | from block1 | conv 16 1 stride 2 nobias | batchnorm | add y2 | relu | globalpool | dense 7";

/// Inverted residuals with depthwise convolutions, with and without batch normalization, and a feature pyramid.
inline constexpr const char* kMobilenetSpec =
    "input 1 48 48 | conv 8 3 stride 2 nobias | batchnorm | hswish as stem"
    " | conv 16 1 nobias | batchnorm | silu | dwconv 3 nobias | batchnorm | silu"
    " | conv 8 1 nobias | batchnorm | add stem"
    " | conv 24 1 | leakyrelu 0.1 | dwconv 3 stride 2 nobias | batchnorm | hswish"
    " | conv 12 1 nobias | batchnorm as block2"
    " | conv 24 1 | hswish | dwconv 5 | prelu | conv 12 1 | add block2 as fine"
    " | dwconv 3 stride 2 nobias | batchnorm | hswish | conv 16 1 nobias | batchnorm | hswish"
    " | upsample | concat fine | conv 16 1 nobias | batchnorm | prelu | globalpool | dense 7";

}  // namespace mien::test
