// Cascades as OpenCV's XML, written by tests.
#pragma once

#include <string>
#include <vector>

namespace mien::test {

struct CascadeText {
  int width = 0, height = 0;
  std::string stages = {};
  std::string features = {};
  int stage_count = 0;

  struct Tree {
    std::string nodes;   ///< "below above feature threshold" for each
    std::string leaves;  ///< one more
  };
  CascadeText& stage(const std::string& threshold, const std::vector<Tree>& trees) {
    stages += "<_><stageThreshold>" + threshold + "</stageThreshold><weakClassifiers>\n";
    for (const Tree& tree : trees) {
      stages += "<_><internalNodes>" + tree.nodes + "</internalNodes><leafValues>" + tree.leaves +
                "</leafValues></_>\n";
    }
    stages += "</weakClassifiers></_>\n";
    ++stage_count;
    return *this;
  }
  /// Rectangles are "x y width height weight".
  CascadeText& feature(const std::vector<std::string>& rectangles, bool tilted = false) {
    features += "<_><rects>\n";
    for (const std::string& rectangle : rectangles) features += "<_>" + rectangle + "</_>\n";
    features += std::string("</rects><tilted>") + (tilted ? "1" : "0") + "</tilted></_>\n";
    return *this;
  }
  std::string xml() const {
    return "<?xml version=\"1.0\"?>\n<!-- a test's -->\n<opencv_storage>\n"
           "<cascade type_id=\"opencv-cascade-classifier\"><stageType>BOOST</stageType>\n"
           "<featureType>HAAR</featureType>\n<height>" +
           std::to_string(height) + "</height>\n<width>" + std::to_string(width) +
           "</width>\n<featureParams><maxCatCount>0</maxCatCount></featureParams>\n<stageNum>" +
           std::to_string(stage_count) + "</stageNum>\n<stages>\n" + stages + "</stages>\n<features>\n" +
           features + "</features></cascade>\n</opencv_storage>\n";
  }
};

/// Windows of 8 x 6 pixels that are brighter on the left than on the right, as a stump.
inline CascadeText left_brighter() {
  CascadeText text{.width = 8, .height = 6};
  text.feature({"0 0 8 6 -1.", "0 0 4 6 2."}).stage("0.5", {{"0 -1 0 0.2", "0. 1."}});
  return text;
}

/// Windows of 12 x 12 pixels that are bright in their middle half and dark around it.
inline CascadeText bright_square() {
  CascadeText text{.width = 12, .height = 12};
  text.feature({"0 0 12 12 -1.", "3 3 6 6 4."}).stage("0.5", {{"0 -1 0 1.9", "0. 1."}});
  return text;
}

}  // namespace mien::test
