// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
#include "model/onnx/tensor_parser.hpp"

#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"
#include "model/onnx/file.hpp"

namespace mien::model {
namespace {

// The numbers of a tensor, which may be written in one of several ways and in pieces.
class Numbers {
 public:
  void add(const ProtoReader& reader, const ProtoField& field, std::span<const std::byte> bytes) {
    if (begin(reader, field)) {
      in_place_ = bytes;
    } else {
      own().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  }
  /// The first `width` bytes of an integer.
  void add(const ProtoReader& reader, const ProtoField& field, std::int64_t number, std::size_t width) {
    (void)begin(reader, field);
    own().append(reinterpret_cast<const char*>(&number), width);
  }

  std::size_t size() const { return owned_ ? owned_->size() : in_place_.size(); }
  void move_to(OnnxTensor& tensor) {
    tensor.bytes = owned_ ? std::as_bytes(std::span<const char>(*owned_)) : in_place_;
    tensor.owned = std::move(owned_);
  }

 private:
  // Whether these are the first.
  bool begin(const ProtoReader& reader, const ProtoField& field) {
    const bool first = field_ == 0;
    if (!first && field_ != field.number) reader.fail(field.offset, "a tensor's numbers are given in two ways");
    field_ = field.number;
    return first;
  }
  std::string& own() {
    if (!owned_) {
      owned_ = std::make_shared<std::string>(reinterpret_cast<const char*>(in_place_.data()), in_place_.size());
    }
    return *owned_;
  }

  int field_ = 0;
  std::span<const std::byte> in_place_;
  std::shared_ptr<std::string> owned_;
};

class TensorParser {
 public:
  TensorParser(ProtoReader reader, PartCount& parts) : reader_(reader), parts_(parts) {}

  OnnxTensor parse() {
    parts_.count(reader_);
    find_type();
    for (ProtoField field; reader_.next(field);) take(field);
    finish();
    return std::move(tensor_);
  }

 private:
  // Numbers may come before the type that says what they are.
  void find_type() {
    ProtoReader reader = reader_;
    for (ProtoField field; reader.next(field);) {
      if (field.number == 2) tensor_.type = static_cast<OnnxType>(reader.integer(field));
    }
    width_ = bytes_of(tensor_.type);
    if (width_ == 0) tensor_.type = OnnxType::none;
  }

  void take(const ProtoField& field) {
    switch (field.number) {
      case 1:
        return reader_.integers(field, [&](std::int64_t extent) {
          parts_.count(reader_, field);
          extents_.push_back(static_cast<Index>(extent));
        });
      case 3:
        reader_.fail(field.offset, "tensors in segments are not supported");
      case 8:
        tensor_.name = reader_.text(field);
        if (tensor_.name.size() > OnnxLimits::kMaxNameBytes) reader_.fail(field.offset, "a name is too long");
        return;
      case 9:
        return numbers_.add(reader_, field, reader_.bytes(field));
      case 4:
        return add_fixed(field, OnnxType::f32);
      case 10:
        return add_fixed(field, OnnxType::f64);
      case 5:
      case 7:
        return add_integers(field);
      case 13:
        tensor_.elsewhere = kElsewhere;
        return;
      case 14:
        if (reader_.integer(field) == 1) tensor_.elsewhere = kElsewhere;
        return;
      default:
        return;
    }
  }

  void add_fixed(const ProtoField& field, OnnxType type) {
    if (tensor_.type == type) numbers_.add(reader_, field, reader_.fixed(field, width_));
  }

  // int64_data is of one type, int32_data of all that are narrower.
  void add_integers(const ProtoField& field) {
    const bool wide = tensor_.type == OnnxType::i64;
    const bool real = tensor_.type == OnnxType::f32 || tensor_.type == OnnxType::f64;
    if (width_ == 0 || real || wide != (field.number == 7)) return;
    reader_.integers(field, [&](std::int64_t number) {
      parts_.count(reader_, field);
      numbers_.add(reader_, field, number, width_);
    });
  }

  void finish() {
    const std::string name = "tensor " + quote(tensor_.name);
    try {
      if (extents_.size() > Shape::kMaxRank) throw ArgumentError("more than 6 extents");
      tensor_.shape = Shape(std::span<const Index>(extents_));
    } catch (const ArgumentError& error) {
      reader_.fail(name + ": " + error.what());
    }
    if (width_ == 0 || !tensor_.elsewhere.empty()) return;
    const auto count = static_cast<std::size_t>(tensor_.shape.size());
    if (numbers_.size() % width_ != 0 || numbers_.size() / width_ != count) {
      reader_.fail(name + ": " + std::to_string(numbers_.size()) + " bytes do not hold " +
                   tensor_.shape.to_string() + " numbers of " + std::to_string(width_));
    }
    numbers_.move_to(tensor_);
  }

  static constexpr const char* kElsewhere =
      "its values are in another file, and only values in this one are read";

  ProtoReader reader_;
  PartCount& parts_;
  OnnxTensor tensor_;
  std::vector<Index> extents_;
  std::size_t width_ = 0;
  Numbers numbers_;
};

}  // namespace

void PartCount::add(const ProtoReader& reader, const ProtoField* field) {
  if (++parts_ <= OnnxLimits::kMaxParts) return;
  const std::string what = "more than " + std::to_string(OnnxLimits::kMaxParts) + " nodes, names and numbers";
  field == nullptr ? reader.fail(what) : reader.fail(field->offset, what);
}

OnnxTensor parse_onnx_tensor(ProtoReader reader, PartCount& parts) {
  return TensorParser(reader, parts).parse();
}

std::size_t bytes_of(OnnxType type) {
  switch (type) {
    case OnnxType::f64:
    case OnnxType::i64:
      return 8;
    case OnnxType::f32:
    case OnnxType::i32:
      return 4;
    case OnnxType::f16:
    case OnnxType::bf16:
      return 2;
    case OnnxType::boolean:
      return 1;
    case OnnxType::none:
      break;
  }
  return 0;
}

}  // namespace mien::model
