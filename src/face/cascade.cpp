#include "face/cascade.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "face/xml.hpp"
#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::face::detail {
namespace {

constexpr int kLeastEdge = 3;  // a frame of one pixel is left out of the contrast
constexpr int kMostEdge = 128;
constexpr std::size_t kMaxStages = 1000;
constexpr std::size_t kMaxNodes = std::size_t{1} << 18;

// Sums are compared with thresholds lowered by this, as OpenCV does: a stage's threshold is often exactly the
// sum that some training face reached, and rounding must not lose that face.
constexpr float kStageMargin = 1e-5f;

constexpr std::string_view kInstead = ": use one such as haarcascade_frontalface_alt2.xml of opencv-data";

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  Cascade read(const XmlElement& root) {
    const XmlElement& cascade = find_cascade(root);
    expect_text(cascade, "stageType", "BOOST");
    expect_haar(cascade);
    result_.height = read_edge(cascade, "height");
    result_.width = read_edge(cascade, "width");
    const XmlElement* categories = need(cascade, "featureParams").child("maxCatCount");
    if (categories != nullptr && categories->text != "0") fail(*categories, "maxCatCount is not 0");
    for (const XmlElement& feature : need(cascade, "features").children) read_feature(feature);
    read_stages(cascade);
    for (const Node& node : result_.nodes) {
      result_.tilted = result_.tilted || result_.features[static_cast<std::size_t>(node.feature)].tilted;
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const XmlElement& at, const std::string& problem) const {
    throw DataError(std::string(source_) + ":" + std::to_string(at.line) + ": " + problem);
  }

  const XmlElement& need(const XmlElement& parent, std::string_view name) const {
    const XmlElement* child = parent.child(name);
    if (child == nullptr) fail(parent, "element " + quote(parent.name) + " has no " + quote(name));
    return *child;
  }

  const XmlElement& find_cascade(const XmlElement& root) const {
    if (root.name != "opencv_storage" || root.children.empty())
      fail(root, "not a file of OpenCV's with data in it");
    const XmlElement& first = root.children.front();
    const std::string_view type = first.attribute("type_id");
    if (type == "opencv-haar-classifier") {
      fail(first,
           "this is the cascade format of OpenCV 1 (opencv-haar-classifier); only that of OpenCV 2.4 and later "
           "(opencv-cascade-classifier) is read" +
               std::string(kInstead));
    }
    // OpenCV's own traincascade writes no type.
    if (type != "opencv-cascade-classifier" && !(type.empty() && first.name == "cascade")) {
      fail(first, "expected a cascade of type opencv-cascade-classifier, found type " + quote(type));
    }
    return first;
  }

  void expect_text(const XmlElement& parent, std::string_view name, std::string_view wanted) const {
    const XmlElement& element = need(parent, name);
    if (element.text == wanted) return;
    fail(element,
         std::string(name) + " is " + quote(element.text) + ", only " + std::string(wanted) + " is read");
  }

  void expect_haar(const XmlElement& cascade) const {
    const XmlElement& element = need(cascade, "featureType");
    if (element.text == "HAAR") return;
    fail(element, "this is a cascade of " + quote(element.text) + " features; only HAAR is read" +
                      std::string(kInstead));
  }

  int to_integer(const XmlElement& at, std::string_view text, int low, int high) const {
    const std::optional<Index> value = parse_index(text);
    if (!value || *value < low || *value > high) {
      fail(at, "expected an integer from " + std::to_string(low) + " to " + std::to_string(high) + ", found " +
                   quote(text));
    }
    return static_cast<int>(*value);
  }

  float to_float(const XmlElement& at, std::string_view text) const {
    const std::optional<double> value = parse_double(text);
    if (!value || std::abs(*value) > static_cast<double>(std::numeric_limits<float>::max())) {
      fail(at, "expected a number, found " + quote(text));
    }
    return static_cast<float>(*value);
  }

  int read_edge(const XmlElement& cascade, std::string_view name) const {
    const XmlElement& element = need(cascade, name);
    return to_integer(element, element.text, kLeastEdge, kMostEdge);
  }

  static std::vector<std::string_view> words_of(const XmlElement& element) {
    constexpr std::string_view kBlanks = " \t\n\r";
    std::vector<std::string_view> words;
    const std::string_view text = element.text;
    for (std::size_t at = text.find_first_not_of(kBlanks); at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
      words.push_back(text.substr(at, end - at));
      at = text.find_first_not_of(kBlanks, end);
    }
    return words;
  }

  Rectangle read_rectangle(const XmlElement& element, bool tilted) const {
    const std::vector<std::string_view> words = words_of(element);
    if (words.size() != 5) {
      fail(element,
           "expected x, y, width, height and weight, found " + std::to_string(words.size()) + " numbers");
    }
    Rectangle r;
    r.x = to_integer(element, words[0], 0, result_.width - 1);
    r.y = to_integer(element, words[1], 0, result_.height - 1);
    r.width = to_integer(element, words[2], 1, result_.width);
    r.height = to_integer(element, words[3], 1, result_.height);
    r.weight = to_float(element, words[4]);
    const int left = tilted ? r.x - r.height : r.x;
    const int bottom = tilted ? r.y + r.width + r.height : r.y + r.height;
    if (left < 0 || r.x + r.width > result_.width || bottom > result_.height) {
      fail(element, "the rectangle leaves the window of " + std::to_string(result_.width) + " x " +
                        std::to_string(result_.height) + " pixels");
    }
    return r;
  }

  void read_feature(const XmlElement& element) {
    Feature feature;
    if (const XmlElement* tilted = element.child("tilted")) {
      feature.tilted = to_integer(*tilted, tilted->text, 0, 1) == 1;
    }
    const XmlElement& rectangles = need(element, "rects");
    const std::size_t count = rectangles.children.size();
    if (count < 1 || count > feature.rectangles.size()) {
      fail(rectangles, "expected 1 to 3 rectangles, found " + std::to_string(count));
    }
    for (std::size_t i = 0; i < count; ++i) {
      feature.rectangles[i] = read_rectangle(rectangles.children[i], feature.tilted);
    }
    result_.features.push_back(feature);
  }

  void read_stages(const XmlElement& cascade) {
    const XmlElement& stages = need(cascade, "stages");
    const std::size_t count = stages.children.size();
    if (count < 1 || count > kMaxStages) {
      fail(stages, "expected 1 to " + std::to_string(kMaxStages) + " stages, found " + std::to_string(count));
    }
    if (const XmlElement* declared = cascade.child("stageNum")) {
      if (declared->text != std::to_string(count)) {
        fail(*declared,
             "stageNum is " + quote(declared->text) + ", but there are " + std::to_string(count) + " stages");
      }
    }
    for (const XmlElement& stage : stages.children) read_stage(stage);
  }

  void read_stage(const XmlElement& element) {
    const XmlElement& threshold = need(element, "stageThreshold");
    const XmlElement& trees = need(element, "weakClassifiers");
    if (trees.children.empty()) fail(trees, "a stage without trees");
    kernels::HaarStage stage;
    stage.first_tree = static_cast<kernels::Index>(result_.tree_sizes.size());
    stage.first_node = static_cast<kernels::Index>(result_.nodes.size());
    stage.trees = static_cast<kernels::Index>(trees.children.size());
    stage.threshold = to_float(threshold, threshold.text) - kStageMargin;
    for (const XmlElement& tree : trees.children) read_tree(tree);
    result_.stages.push_back(stage);
  }

  void read_tree(const XmlElement& element) {
    const XmlElement& node_list = need(element, "internalNodes");
    const XmlElement& leaf_list = need(element, "leafValues");
    const std::vector<std::string_view> words = words_of(node_list);
    const std::vector<std::string_view> leaves = words_of(leaf_list);
    constexpr std::size_t kWords = 4;
    const std::size_t nodes = words.size() / kWords;
    if (nodes < 1 || nodes > static_cast<std::size_t>(kernels::kMaxHaarNodes) || words.size() % kWords != 0) {
      fail(node_list, "expected 1 to " + std::to_string(kernels::kMaxHaarNodes) +
                          " nodes of 4 numbers each, found " + std::to_string(words.size()) + " numbers");
    }
    if (leaves.size() != nodes + 1) {
      fail(leaf_list, "expected " + std::to_string(nodes + 1) + " leaves for " + std::to_string(nodes) +
                          " nodes, found " + std::to_string(leaves.size()));
    }
    if (result_.nodes.size() + nodes > kMaxNodes)
      fail(node_list, "more than " + std::to_string(kMaxNodes) + " nodes");
    for (std::size_t i = 0; i < nodes; ++i) {
      read_node(node_list, &words[kWords * i], static_cast<int>(i), static_cast<int>(nodes));
    }
    for (const std::string_view leaf : leaves) result_.leaves.push_back(to_float(leaf_list, leaf));
    result_.tree_sizes.push_back(static_cast<std::int32_t>(nodes));
  }

  // A link above 0 is a node, others are leaves negated. That nodes come before those they lead to rules out
  // going round in circles.
  void read_node(const XmlElement& at, const std::string_view* words, int index, int nodes) {
    const auto link = [&](std::string_view word) {
      const int target = to_integer(at, word, -nodes, nodes - 1);
      if (target > 0 && target <= index) {
        fail(at, "node " + std::to_string(index) + " leads back to node " + std::to_string(target));
      }
      return static_cast<std::int16_t>(target);
    };
    result_.links.push_back({link(words[0]), link(words[1])});
    const int last_feature = static_cast<int>(result_.features.size()) - 1;
    if (last_feature < 0) fail(at, "a node, but no features");
    result_.nodes.push_back({to_integer(at, words[2], 0, last_feature), to_float(at, words[3])});
  }

  std::string_view source_;
  Cascade result_;
};

}  // namespace

Cascade parse_cascade(std::string_view xml, std::string_view source) {
  xml = utf8_text(xml, source);
  if (xml.starts_with("%YAML") || xml.starts_with('{')) {
    throw DataError(std::string(source) + ":1: this is " + (xml.starts_with('{') ? "JSON" : "YAML") +
                    "; only cascades in XML are read" + std::string(kInstead));
  }
  return Reader(source).read(parse_xml(xml, source));
}

}  // namespace mien::face::detail
