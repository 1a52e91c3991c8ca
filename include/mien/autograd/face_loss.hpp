// The loss of a network that finds faces (model/face_grid.hpp). Errors as in ops.hpp.
#pragma once

#include "mien/autograd/tape.hpp"
#include "mien/model/face_grid.hpp"

namespace mien::autograd {

/// What each cell of N grids should say.
struct FaceTargets {
  Tensor score;   ///< [N][1][h][w]: 1 where a face is, 0 where none is, -1 where nothing is asked
  Tensor box;     ///< [N][4][h][w]: pixels to the box's edges, left, up, right, down; above 0 where score is 1
  Tensor points;  ///< [N][10][h][w]: pixels to the points; NaN where one is not marked. Where the left corner
                  ///< of the mouth is and the right one is not, the left one's is where the mouth's middle lies
};

/// How much each part of the loss counts.
struct FaceLossOptions {
  float focus = 2;           ///< gamma of the focal loss
  float face_weight = 0.5f;  ///< alpha of the focal loss: of cells with a face; of those without 1 - it
  float box_weight = 1;
  float point_weight = 2;
};

/// One value, the sum over cells divided by the number of cells with a face (1 where there is none) of
///
///   -alpha (1 - p)^gamma log p          p being the probability given to what is there, a face or none
///                                       (focal loss: Lin et al., arXiv:1708.02002)
///   - log IoU                           of cells with a face, the boxes' intersection over union (Yu et al.,
///                                       UnitBox, arXiv:1608.01471)
///   sum over marked coordinates of smooth L1(d / edge) / marked coordinates, d being pixels off, edge the
///                                       face's, quadratic up to 0.02 (Girshick, arXiv:1504.08083)
Variable face_loss(const Variable& score, const Variable& box, const Variable& points,
                   const FaceTargets& targets, const model::FaceGrid& grid,
                   const FaceLossOptions& options = {});

}  // namespace mien::autograd
