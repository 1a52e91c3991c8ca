// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "model/onnx/file.hpp"

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/onnx/proto_reader.hpp"
#include "model/onnx/tensor_parser.hpp"

namespace mien::model {
namespace {

// One function for each message.
class FileParser {
 public:
  OnnxFile model(ProtoReader reader) {
    OnnxFile file;
    std::string version;
    bool graph_seen = false;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 2) file.producer = name(reader, field);
      if (field.number == 3) version = name(reader, field);
      if (field.number == 7) {
        if (graph_seen) reader.fail(field.offset, "a second graph");
        graph_seen = true;
        graph(ProtoReader(reader, field, "graph"), file.graph);
      } else if (field.number == 8) {
        operator_set(ProtoReader(reader, field, "opset_import"), file.opset);
      } else if (field.number == 14) {
        property(ProtoReader(reader, field, "metadata_props", next_index(file.metadata)), file.metadata);
      }
    }
    if (!version.empty()) file.producer += " " + version;
    if (!graph_seen) reader.fail("no ONNX file: it has no graph");
    if (file.opset == 0) reader.fail("no ONNX file: it names no version of the operators");
    return file;
  }

 private:
  template <typename Items>
  static std::ptrdiff_t next_index(const Items& items) {
    return static_cast<std::ptrdiff_t>(items.size());
  }

  std::string name(const ProtoReader& reader, const ProtoField& field) {
    parts_.count(reader, field);
    const std::string_view text = reader.text(field);
    if (text.size() > OnnxLimits::kMaxNameBytes) reader.fail(field.offset, "a name is too long");
    return std::string(text);
  }

  void operator_set(ProtoReader reader, std::int64_t& opset) {
    std::string domain;
    std::int64_t version = 0;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) domain = name(reader, field);
      if (field.number == 2) version = reader.integer(field);
    }
    if (domain.empty() || domain == kOnnxDomain) opset = version;
  }

  void property(ProtoReader reader, Metadata& metadata) {
    std::string key, value;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) key = name(reader, field);
      if (field.number == 2) value = reader.text(field);
    }
    if (value.size() > OnnxLimits::kMaxTextBytes) reader.fail("a text is too long");
    if (!is_utf8(key) || !is_utf8(value)) reader.fail("not UTF-8");
    metadata[key] = std::move(value);
  }

  void graph(ProtoReader reader, OnnxGraph& graph) {
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) {
        graph.nodes.push_back(node(ProtoReader(reader, field, "node", next_index(graph.nodes))));
      } else if (field.number == 5) {
        graph.tensors.push_back(
            parse_onnx_tensor(ProtoReader(reader, field, "initializer", next_index(graph.tensors)), parts_));
      } else if (field.number == 11) {
        graph.inputs.push_back(value(ProtoReader(reader, field, "input", next_index(graph.inputs))));
      } else if (field.number == 12) {
        graph.outputs.push_back(value(ProtoReader(reader, field, "output", next_index(graph.outputs))));
      } else if (field.number == 15) {
        reader.fail(field.offset, "sparse initializers are not supported");
      }
    }
  }

  OnnxNode node(ProtoReader reader) {
    parts_.count(reader);
    OnnxNode node;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) node.inputs.push_back(name(reader, field));
      if (field.number == 2) node.outputs.push_back(name(reader, field));
      if (field.number == 3) node.name = name(reader, field);
      if (field.number == 4) node.op = name(reader, field);
      if (field.number == 5) {
        node.attributes.push_back(
            attribute(ProtoReader(reader, field, "attribute", next_index(node.attributes))));
      }
      if (field.number == 7) node.domain = name(reader, field);
    }
    if (node.domain == kOnnxDomain) node.domain.clear();
    return node;
  }

  OnnxAttribute attribute(ProtoReader reader) {
    parts_.count(reader);
    OnnxAttribute attribute;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) attribute.name = name(reader, field);
      if (field.number == 2) attribute.real = reader.real(field);
      if (field.number == 3) attribute.integer = reader.integer(field);
      if (field.number == 4) attribute.text = name(reader, field);
      if (field.number == 5) {
        attribute.tensor = {parse_onnx_tensor(ProtoReader(reader, field, "t"), parts_)};
      }
      if (field.number == 7) append_reals(reader, field, attribute.reals);
      if (field.number == 8) {
        reader.integers(field, [&](std::int64_t number) {
          parts_.count(reader, field);
          attribute.integers.push_back(number);
        });
      }
      if (field.number == 20) attribute.type = static_cast<OnnxAttributeType>(reader.integer(field));
      if (field.number == 21)
        reader.fail(field.offset, "references to a function's attributes are not supported");
    }
    return attribute;
  }

  void append_reals(const ProtoReader& reader, const ProtoField& field, std::vector<float>& reals) {
    const std::span<const std::byte> bytes = reader.fixed(field, sizeof(float));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
      parts_.count(reader, field);
      reals.push_back(load_onnx<float>(bytes, i / sizeof(float)));
    }
  }

  OnnxValue value(ProtoReader reader) {
    parts_.count(reader);
    OnnxValue value;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) value.name = name(reader, field);
      if (field.number == 2) type(ProtoReader(reader, field, "type"), value);
      if (field.number == 3) value.about = reader.text(field);
    }
    return value;
  }

  // Sequences, maps and the like leave the value without a type.
  void type(ProtoReader reader, OnnxValue& value) {
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) tensor_type(ProtoReader(reader, field, "tensor_type"), value);
    }
  }

  void tensor_type(ProtoReader reader, OnnxValue& value) {
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) value.type = static_cast<OnnxType>(reader.integer(field));
      if (field.number != 2) continue;
      ProtoReader shape(reader, field, "shape");
      for (ProtoField dim; shape.next(dim);) {
        if (dim.number != 1) continue;
        value.extents.push_back(extent(ProtoReader(shape, dim, "dim", next_index(value.extents))));
      }
    }
  }

  OnnxValue::Extent extent(ProtoReader reader) {
    parts_.count(reader);
    OnnxValue::Extent extent;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 1) extent.value = reader.integer(field);
      if (field.number == 2) extent.name = name(reader, field);
    }
    return extent;
  }

  static constexpr std::string_view kOnnxDomain = "ai.onnx";
  PartCount parts_;
};

}  // namespace

OnnxFile parse_onnx_file(std::span<const std::byte> bytes, std::string_view source) {
  return FileParser().model(ProtoReader(bytes, source));
}

}  // namespace mien::model
