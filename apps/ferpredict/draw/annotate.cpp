#include "annotate.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "mien/draw/canvas.hpp"
#include "plate.hpp"

namespace ferpredict::draw {
namespace {

using mien::Index;

constexpr Color kOutline = {0, 0, 0};
constexpr double kOutlineAlpha = 0.45;

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

Rectangle grow(const Rectangle& r, Index by) {
  return {r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by};
}

/// How many pixels a dot of the lettering is to have: a label is about as wide as its face, but can be read in
/// a picture that will be looked at as a whole.
Index scale_for(const Rectangle& face, const Canvas& canvas) {
  constexpr Index kPicturePixels = 250;
  const Index least = std::clamp<Index>(std::min(canvas.width(), canvas.height()) / kPicturePixels, 1, 2);
  return std::max(label_scale(std::min(face.width, face.height)), least);
}

class Annotator {
 public:
  Annotator(Canvas& canvas, std::span<const Annotation> faces) : canvas_(canvas) {
    for (const Annotation& face : faces) {
      const Rectangle box = clip({face.x, face.y, face.width, face.height}, canvas.width(), canvas.height());
      if (box.width > 0 && box.height > 0) add(box, face);
    }
  }

  /// All frames first: a label is never crossed by one.
  void draw() {
    for (const Marked& face : faces_) draw_frame(face);
    for (const Marked& face : faces_) draw_points(face);
    for (const Marked& face : faces_) place_plate(face);
  }

 private:
  struct Marked {
    Rectangle box;
    Rectangle frame;  ///< around the box, without the outline
    Index thickness;  ///< pixels, of the frame
    Index outline;    ///< pixels
    Plate plate;
    std::vector<Point> points;
  };

  void add(const Rectangle& box, const Annotation& face) {
    const Index scale = scale_for(box, canvas_);
    const Index thickness = scale + 1, outline = (scale + 1) / 2;
    faces_.push_back({box, inside(grow(box, thickness)), thickness, outline,
                      make_plate(face.expression, face.probability, scale, canvas_.width(), canvas_.height()),
                      face.points});
    taken_.push_back(faces_.back().frame);
  }

  Rectangle inside(const Rectangle& r) const { return clip(r, canvas_.width(), canvas_.height()); }

  void draw_frame(const Marked& face) {
    canvas_.frame(grow(face.frame, face.outline), face.outline, kOutline, kOutlineAlpha);
    canvas_.frame(face.frame, face.thickness, accent_color(face.plate.expression));
  }

  void draw_points(const Marked& face) {
    const auto radius = static_cast<double>(face.thickness);
    for (const Point& point : face.points) {
      canvas_.fill_shape(disc(point, radius + static_cast<double>(face.outline)), kOutline, kOutlineAlpha);
      canvas_.fill_shape(disc(point, radius), accent_color(face.plate.expression));
    }
  }

  void place_plate(const Marked& face) {
    const Rectangle place = choose_place(face);
    draw_plate(canvas_, face.plate, place.x, place.y);
    taken_.push_back(place);
  }

  Rectangle choose_place(const Marked& face) const {
    const Index width = face.plate.width, height = face.plate.height;
    const Rectangle around = grow(face.frame, face.outline);
    const Index x = nearest(around.x + (around.width - width) / 2, canvas_.width() - width);
    const Index y = nearest(around.y + around.height - height, canvas_.height() - height);
    const Rectangle within{x, nearest(face.box.y + face.box.height - height, canvas_.height() - height), width,
                           height};
    const std::array<Rectangle, 4> places = {{{x, around.y + around.height, width, height},
                                              {x, around.y - height, width, height},
                                              {around.x + around.width, y, width, height},
                                              {around.x - width, y, width, height}}};
    const auto fits = [&](const Rectangle& r) {
      return r.x >= 0 && r.y >= 0 && r.x + width <= canvas_.width() && r.y + height <= canvas_.height();
    };
    const auto free = [&](const Rectangle& r) {
      return fits(r) &&
             std::none_of(taken_.begin(), taken_.end(), [&](const Rectangle& t) { return overlap(r, t); });
    };
    auto found = std::find_if(places.begin(), places.end(), free);
    if (found == places.end()) found = std::find_if(places.begin(), places.end(), fits);
    return found == places.end() ? within : *found;
  }

  /// `at`, moved so that a plate begins within 0 .. `last`; 0 for one that is larger than the picture.
  static Index nearest(Index at, Index last) { return std::clamp<Index>(at, 0, std::max<Index>(last, 0)); }

  Canvas& canvas_;
  std::vector<Marked> faces_;
  std::vector<Rectangle> taken_;  ///< by faces, and by labels so far
};

}  // namespace

void annotate(mien::image::RgbImage& image, std::span<const Annotation> faces) {
  Canvas canvas(image);
  Annotator(canvas, faces).draw();
}

}  // namespace ferpredict::draw
