// What the command line says about output.
#pragma once

#include "arguments.hpp"
#include "mien/model/model_file.hpp"
#include "output.hpp"

namespace ferpredict {

OutputContext output_context(const Arguments& a, const mien::model::ModelFile& model);

}  // namespace ferpredict
