// What processors with tiles of matrices (AMX) compute with them; the build compiles this file for those. All
// other kernels they share with avx512bf16.
#define MIEN_ISA_NAMESPACE amx
#include "kernels/tables.hpp"
#include "kernels/tile_conv.inc"
#include "kernels/tiles_adam.inc"
#include "kernels/tiles_product.inc"
#include "kernels/tiles_thin.inc"

namespace mien::kernels::amx {

const ProductKernels bf16_products = kTilesProducts;
const ThinProducts thin_bf16_products = kThinTiles;
const Int8Products int8_products = kTilesInt8Products;
const TileConvKernels tile_conv = kTileConv;

}  // namespace mien::kernels::amx
