// What ferpredict does with a model without looking at images.
#pragma once

#include "arguments.hpp"
#include "models.hpp"

namespace ferpredict {

/// The note training keeps its state in.
inline constexpr const char* kCheckpointNote = "checkpoint";

/// Name, file, labels, temperature, face margin, notes and layers, on stdout.
void print_model_info(const Model& model);

/// --convert: the model with the weights of --dtype, the notes of --note and the margin of --face-margin.
void convert(const Arguments& a, const Model& model);

/// --export-onnx.
void export_onnx(const Arguments& a, const Model& model);

/// --import-onnx: what the file's network is as a model, with a sample of its own.
void import_onnx(const Arguments& a);

/// Throws mien::ArgumentError when `file`, which an option names, is one of the models or the --csv: writing
/// over them would leave nothing to go back to.
void refuse_to_replace(const std::vector<Model>& models, const Arguments& a, const std::string& option,
                       const std::string& file);

/// Throws mien::ArgumentError when the ending of `file`, which an option names, is that of another format than
/// "safetensors" or "onnx", which the option writes: whoever finds it would take it for one.
void refuse_other_format(const std::string& option, const std::string& file, const std::string& format);

/// Writes what became of a model, with the notes of --note and the margin of --face-margin; its sample's
/// expected output becomes its own.
void write_changed(const Arguments& a, mien::model::ModelFile model, const std::string& file);

}  // namespace ferpredict
