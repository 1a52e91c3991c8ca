// Whether two specs are the same network, and the weights of one under the names of the other.
#pragma once

#include "mien/model/model_file.hpp"

namespace mien::model {

/// The model's weights as those of `network`, which must be the same but for names, the order in which branches
/// are written, dropout, and the momentum of batch normalization, none of which predictions depend on. A
/// flatten in front of a dense layer, which flattens by itself, may be there or not. Everything else of the
/// model stays, but for the sample. Throws DataError, naming the model, for what differs first, seen from the
/// output: `best: dense2 (dense 10) is dense1 (dense 7) in the network asked for`.
ModelFile matched(const ModelFile& model, const ModelSpec& network);

}  // namespace mien::model
