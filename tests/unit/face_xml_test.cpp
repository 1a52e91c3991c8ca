#include <string>

#include "face/cascade.hpp"
#include "face/xml.hpp"
#include "mien/core/error.hpp"
#include "support/cascade_text.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using mien::test::error_of;

namespace {

using mien::test::CascadeText;
using mien::test::left_brighter;

std::string xml_error(const std::string& text) {
  return error_of([&] { mien::face::parse_xml(text, "f.xml"); });
}

std::string cascade_error(const std::string& text) {
  return error_of([&] { mien::face::detail::parse_cascade(text, "f.xml"); });
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST_CASE("XML is read into elements, attributes and text") {
  const std::string text =
      "<?xml version=\"1.0\"?>\n<!-- > -->\n<a x=\"1\" y = '2'>\n <b>\n  one two </b><c/>\n "
      "<b></b>\n</a>\n<!-- -->\n";
  const mien::face::XmlElement root = mien::face::parse_xml(text, "f.xml");
  CHECK(root.name == "a");
  CHECK(root.line == 3);
  CHECK(root.text.empty());
  CHECK(root.attribute("x") == "1");
  CHECK(root.attribute("y") == "2");
  CHECK(root.attribute("z").empty());
  REQUIRE(root.children.size() == 3);
  REQUIRE(root.child("b") != nullptr);
  CHECK(root.child("b")->text == "one two");
  CHECK(root.child("b")->line == 4);
  CHECK(root.child("c")->line == 5);
  CHECK(root.child("d") == nullptr);
}

TEST_CASE("what is not well-formed is refused with its line") {
  CHECK(xml_error("") == "f.xml:1: expected an element, found the end of the file");
  CHECK(xml_error("\n\nx") == "f.xml:3: expected \"<\", found \"x\"");
  CHECK(xml_error("<a>\n<b>\n</a>") == "f.xml:3: expected </b>, found </a>");
  CHECK(xml_error("<a>\n<b>") == "f.xml:2: element \"b\" is not closed");
  CHECK(xml_error("<a") == "f.xml:1: expected \">\", found the end of the file");
  CHECK(xml_error("<a></a") == "f.xml:1: expected \">\", found the end of the file");
  CHECK(xml_error("<a/>\n<b/>") == "f.xml:2: expected the end of the file, found \"<\"");
  CHECK(xml_error("<1/>") == "f.xml:1: expected a name, found \"1\"");
  CHECK(xml_error("<a x/>") == "f.xml:1: expected \"=\", found \"/\"");
  CHECK(xml_error("<a x=1/>") == "f.xml:1: expected \"\\\"\", found \"1\"");
  CHECK(xml_error("<a x='1/>") == "f.xml:1: an attribute without an end");
  CHECK(xml_error("<a x='1' x='2'/>") == "f.xml:1: attribute \"x\" occurs twice");
  std::string many = "<a";
  for (int i = 0; i < 65; ++i) many += " x" + std::to_string(i) + "=''";
  CHECK(xml_error(many + "/>") == "f.xml:1: more than 64 attributes");
  CHECK(xml_error("<a x='&lt;'/>") == "f.xml:1: '<' or '&' in an attribute");
  CHECK(xml_error("<!-- <a/>") == "f.xml:1: a comment without an end");
  CHECK(xml_error("<?xml") == "f.xml:1: an instruction without an end");
  CHECK(xml_error("<!DOCTYPE a>\n<a/>") == "f.xml:1: expected a name, found \"!\"");
  CHECK(xml_error("<a>&amp;</a>") == "f.xml:1: entities (&) are not supported");
  CHECK(xml_error("<a>\nx<b/></a>") == "f.xml:1: element \"a\" mixes text with elements");
  CHECK(xml_error("<a>\n<b/>\nx</a>") == "f.xml:2: text in element \"a\" is not in one piece");
}

TEST_CASE("XML beyond the limits is refused before it costs anything") {
  CHECK(xml_error(repeated("<a>", 16) + repeated("</a>", 16)) == "no error");
  CHECK(xml_error(repeated("<a>", 17)) == "f.xml:1: elements more than 16 deep");
  CHECK(xml_error("<" + std::string(65, 'a') + "/>") == "f.xml:1: a name of more than 64 characters");
  CHECK(xml_error("<a>" + repeated("<b/>", 1 << 19) + "</a>") == "f.xml:1: more than 524288 elements");
}

TEST_CASE("a cascade is read as it was written") {
  CascadeText text{.width = 10, .height = 12};
  text.feature({"0 0 8 6 -1.", "0 0 4 6 2."}).feature({"4 1 2 3 -1."}, true);
  text.stage("1.5", {{"0 -1 0 0.25", "1. 2."}, {"1 -2 1 -3e-2 0 -1 0 4", "5 6 7"}})
      .stage("-2", {{"0 -1 0 1", "0 1"}});
  const mien::face::detail::Cascade cascade = mien::face::detail::parse_cascade(text.xml(), "f.xml");
  CHECK(cascade.width == 10);
  CHECK(cascade.height == 12);
  CHECK(cascade.tilted);
  REQUIRE(cascade.features.size() == 2);
  CHECK(cascade.features[0].rectangles[1].width == 4);
  CHECK(cascade.features[0].rectangles[1].weight == 2.0f);
  CHECK(cascade.features[0].rectangles[2].weight == 0.0f);
  CHECK(cascade.features[1].tilted);
  CHECK(cascade.tree_sizes == std::vector<std::int32_t>{1, 2, 1});
  CHECK(cascade.leaves == std::vector<float>{1, 2, 5, 6, 7, 0, 1});
  REQUIRE(cascade.nodes.size() == 4);
  CHECK(cascade.nodes[1].feature == 1);
  CHECK(cascade.nodes[1].threshold == -0.03f);
  CHECK(cascade.links[1].below == 1);
  CHECK(cascade.links[1].above == -2);
  REQUIRE(cascade.stages.size() == 2);
  CHECK(cascade.stages[0].threshold == 1.5f - 1e-5f);
  CHECK(cascade.stages[1].first_tree == 2);
  CHECK(cascade.stages[1].first_node == 3);
}

TEST_CASE("a file that is no cascade of the kind that is read says why") {
  const std::string good = left_brighter().xml();
  CHECK(cascade_error(good) == "no error");
  CHECK(cascade_error("<a/>") == "f.xml:1: not a file of OpenCV's with data in it");
  CHECK(cascade_error(replaced(good, "opencv-cascade-classifier", "opencv-haar-classifier")) ==
        "f.xml:4: this is the cascade format of OpenCV 1 (opencv-haar-classifier); only that of OpenCV 2.4 and "
        "later "
        "(opencv-cascade-classifier) is read: use one such as haarcascade_frontalface_alt2.xml of opencv-data");
  CHECK(cascade_error(replaced(good, "opencv-cascade-classifier", "opencv-matrix")) ==
        "f.xml:4: expected a cascade of type opencv-cascade-classifier, found type \"opencv-matrix\"");
  CHECK(cascade_error(replaced(good, "HAAR", "LBP")) ==
        "f.xml:5: this is a cascade of \"LBP\" features; only HAAR is read: use one such as "
        "haarcascade_frontalface_alt2.xml of opencv-data");
  CHECK(cascade_error("%YAML:1.0\n---\n").starts_with("f.xml:1: this is YAML; only cascades in XML are read"));
  CHECK(cascade_error("\xef\xbb\xbf" + good) == "no error");
  CHECK(cascade_error(std::string("\xff\xfe<\0", 4)) == "f.xml: the text is UTF-16, save it as UTF-8");
  CHECK(cascade_error(replaced(good, "BOOST", "x")) == "f.xml:4: stageType is \"x\", only BOOST is read");
  CHECK(cascade_error(replaced(good, "<height>6</height>", "")) ==
        "f.xml:4: element \"cascade\" has no \"height\"");
  CHECK(cascade_error(replaced(good, "<width>8<", "<width>129<")) ==
        "f.xml:7: expected an integer from 3 to 128, found \"129\"");
  CHECK(cascade_error(replaced(good, "<maxCatCount>0", "<maxCatCount>256")) == "f.xml:8: maxCatCount is not 0");
  CHECK(cascade_error(replaced(good, "<stageNum>1", "<stageNum>2")) ==
        "f.xml:9: stageNum is \"2\", but there are 1 stages");
}

TEST_CASE("features and trees that lead astray are refused") {
  const auto with_feature = [](const std::string& rectangle, bool tilted) {
    CascadeText text{.width = 8, .height = 6};
    text.feature({rectangle}, tilted).stage("0", {{"0 -1 0 0", "0 1"}});
    return cascade_error(text.xml());
  };
  CHECK(with_feature("0 0 8 6 1", false) == "no error");
  CHECK(with_feature("1 0 8 6 1", false) == "f.xml:17: the rectangle leaves the window of 8 x 6 pixels");
  CHECK(with_feature("0 1 8 6 1", false) == "f.xml:17: the rectangle leaves the window of 8 x 6 pixels");
  CHECK(with_feature("-1 0 2 2 1", false) == "f.xml:17: expected an integer from 0 to 7, found \"-1\"");
  CHECK(with_feature("0 0 0 2 1", false) == "f.xml:17: expected an integer from 1 to 8, found \"0\"");
  CHECK(with_feature("0 0 4294967297 2 1", false) ==
        "f.xml:17: expected an integer from 1 to 8, found \"4294967297\"");
  CHECK(with_feature("0 0 1 2", false) == "f.xml:17: expected x, y, width, height and weight, found 4 numbers");
  CHECK(with_feature("0 0 1 2 nan", false) == "f.xml:17: expected a number, found \"nan\"");
  CHECK(with_feature("0 0 1 2 1e39", false) == "f.xml:17: expected a number, found \"1e39\"");
  CHECK(with_feature("3 0 3 3 1", true) == "no error");
  CHECK(with_feature("2 0 3 3 1", true) == "f.xml:17: the rectangle leaves the window of 8 x 6 pixels");
  CHECK(with_feature("3 1 3 3 1", true) == "f.xml:17: the rectangle leaves the window of 8 x 6 pixels");
  const auto with_tree = [](const std::string& nodes, const std::string& leaves) {
    CascadeText text{.width = 8, .height = 6};
    text.feature({"0 0 8 6 1"}).stage("0", {{nodes, leaves}});
    return cascade_error(text.xml());
  };
  CHECK(with_tree("1 0 0 1 -1 -2 0 1", "0 1 2") == "no error");
  CHECK(with_tree("0 -1 1 1", "0 1") == "f.xml:12: expected an integer from 0 to 0, found \"1\"");
  CHECK(with_tree("0 -1 -1 1", "0 1") == "f.xml:12: expected an integer from 0 to 0, found \"-1\"");
  CHECK(with_tree("0 -2 0 1", "0 1") == "f.xml:12: expected an integer from -1 to 0, found \"-2\"");
  CHECK(with_tree("1 0 0 1 -1 1 0 1", "0 1 2") == "f.xml:12: node 1 leads back to node 1");
  CHECK(with_tree("0 -1 0", "0 1") == "f.xml:12: expected 1 to 31 nodes of 4 numbers each, found 3 numbers");
  CHECK(with_tree("", "0") == "f.xml:12: expected 1 to 31 nodes of 4 numbers each, found 0 numbers");
  CHECK(with_tree("0 -1 0 1", "0 1 2") == "f.xml:12: expected 2 leaves for 1 nodes, found 3");
  CHECK(with_tree(repeated("0 -1 0 1 ", 32), repeated("0 ", 33)) ==
        "f.xml:12: expected 1 to 31 nodes of 4 numbers each, found 128 numbers");
}

}  // namespace
