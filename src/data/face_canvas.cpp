#include "mien/data/face_canvas.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::data {
namespace {

constexpr float kPi = 3.14159265f;
// Sizes a little outside of what is to be found are shown, too, but not asked about.
constexpr float kBeyond = 1.25f;
// Of a face's box, what has to be inside its part of the canvas for it to be asked about.
constexpr float kLeastVisible = 0.7f;
// Of a marked face's edge, how far around it nobody else is.
constexpr float kSurroundings = 1.25f;
// The middle of what is below a face, and the least size of a face that is too close, relative to the largest
// one.
constexpr float kBelow = 1.6f, kClosest = 1.6f;
// More would show a network blurred faces and call them sharp.
constexpr float kMostEnlarged = 2;

float between(float low, float high, RandomStream& random) {
  return low + (high - low) * random.next_uniform();
}
float log_between(float low, float high, RandomStream& random) {
  return std::exp(between(std::log(low), std::log(high), random));
}

// A part of the canvas.
struct Part {
  Index left, top, right, bottom;

  Index width() const { return right - left; }
  Index height() const { return bottom - top; }
  PhotoPoint middle() const {
    return {static_cast<float>(left + right) / 2, static_cast<float>(top + bottom) / 2};
  }
};

std::array<Part, kCanvasPhotos> draw_parts(Index edge, RandomStream& random) {
  const auto cut = [&] { return static_cast<Index>(between(0.3f, 0.7f, random) * static_cast<float>(edge)); };
  const Index x = cut(), y = cut();
  return {{{0, 0, x, y}, {x, 0, edge, y}, {0, y, x, edge}, {x, y, edge, edge}}};
}

// canvas = matrix * (photo - from) + to
struct View {
  float xx = 1, xy = 0, yx = 0, yy = 1;
  PhotoPoint from, to;

  PhotoPoint on_canvas(PhotoPoint p) const {
    const float x = p.x - from.x, y = p.y - from.y;
    return {xx * x + xy * y + to.x, yx * x + yy * y + to.y};
  }
  float scale() const { return std::sqrt(std::fabs(xx * yy - xy * yx)); }
  bool mirrors() const { return xx * yy - xy * yx < 0; }
};

View draw_view(float scale, const CanvasOptions& options, RandomStream& random) {
  const float limit = random.next_uniform() < 0.5f ? options.rotate / 4 : options.rotate;
  const float angle = between(-limit, limit, random) * kPi / 180;
  const float stretch = std::exp(between(-options.stretch, options.stretch, random));
  const float sx = scale * stretch * (random.next_uniform() < options.mirror ? -1.0f : 1.0f),
              sy = scale / stretch;
  const float c = std::cos(angle), s = std::sin(angle);
  return {.xx = c * sx, .xy = -s * sy, .yx = s * sx, .yy = c * sy, .from = {}, .to = {}};
}

MarkedFace on_canvas(const MarkedFace& face, const View& view) {
  const PhotoPoint middle = view.on_canvas(face.middle());
  const float half = face.edge() * view.scale() / 2;
  MarkedFace result{middle.x - half, middle.y - half, middle.x + half, middle.y + half, face.points};
  for (PhotoPoint& point : result.points) point = view.on_canvas(point);  // NaN stays NaN
  auto& p = result.points;
  if (view.mirrors()) {
    std::swap(p[0], p[1]);
    if (p[4].marked()) std::swap(p[3], p[4]);
  }
  return result;
}

float visible_share(const MarkedFace& face, const Part& part) {
  const float width =
      std::min(face.right, static_cast<float>(part.right)) - std::max(face.left, static_cast<float>(part.left));
  const float height =
      std::min(face.bottom, static_cast<float>(part.bottom)) - std::max(face.top, static_cast<float>(part.top));
  if (width <= 0 || height <= 0) return 0;
  return width * height / ((face.right - face.left) * (face.bottom - face.top));
}

// The photo's pixels under the part. Where the photo is shrunk each is the mean of a grid of the pixels it
// stands for, else it is interpolated between four.
class Painter {
 public:
  Painter(const image::GrayImage& photo, const View& view) : photo_(photo), view_(view) {
    const float determinant = view.xx * view.yy - view.xy * view.yx;
    xx_ = view.yy / determinant, xy_ = -view.xy / determinant;
    yx_ = -view.yx / determinant, yy_ = view.xx / determinant;
    constexpr Index kMost = 4;
    across_ = std::clamp<Index>(static_cast<Index>(std::lround(1.5f / view.scale())), 1, kMost);
  }

  bool inside(float x, float y) const {
    const PhotoPoint p = on_photo(x, y);
    return p.x >= 0 && p.y >= 0 && p.x < static_cast<float>(photo_.width) &&
           p.y < static_cast<float>(photo_.height);
  }
  std::uint8_t pixel(Index x, Index y) const {
    if (across_ == 1) {
      const PhotoPoint p = on_photo(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
      return static_cast<std::uint8_t>(interpolated(p.x - 0.5f, p.y - 0.5f) + 0.5f);
    }
    const float step = 1 / static_cast<float>(across_);
    PhotoPoint row = on_photo(static_cast<float>(x) + step / 2, static_cast<float>(y) + step / 2);
    int sum = 0;
    for (Index j = 0; j < across_; ++j) {
      PhotoPoint p = row;
      for (Index i = 0; i < across_; ++i) {
        sum += at(static_cast<Index>(std::floor(p.x)), static_cast<Index>(std::floor(p.y)));
        p.x += xx_ * step;
        p.y += yx_ * step;
      }
      row.x += xy_ * step;
      row.y += yy_ * step;
    }
    const int count = static_cast<int>(across_ * across_);
    return static_cast<std::uint8_t>((sum + count / 2) / count);
  }

 private:
  PhotoPoint on_photo(float x, float y) const {
    const float u = x - view_.to.x, v = y - view_.to.y;
    return {xx_ * u + xy_ * v + view_.from.x, yx_ * u + yy_ * v + view_.from.y};
  }
  float interpolated(float x, float y) const {
    const float left = std::floor(x), top = std::floor(y);
    const float fx = x - left, fy = y - top;
    const auto column = static_cast<Index>(left), row = static_cast<Index>(top);
    const auto value = [&](Index i, Index j) { return static_cast<float>(at(column + i, row + j)); };
    const float above = value(0, 0) * (1 - fx) + value(1, 0) * fx;
    const float below = value(0, 1) * (1 - fx) + value(1, 1) * fx;
    return above * (1 - fy) + below * fy;
  }
  std::uint8_t at(Index x, Index y) const {
    if (x < 0 || y < 0 || x >= photo_.width || y >= photo_.height) return image::kMiddleGray;
    return photo_.pixels[static_cast<std::size_t>(y * photo_.width + x)];
  }

  const image::GrayImage& photo_;
  View view_;
  float xx_, xy_, yx_, yy_;  // the way back
  Index across_;
};

class CanvasMaker {
 public:
  CanvasMaker(const CanvasOptions& options, RandomStream& random) : options_(options), random_(random) {
    canvas_.edge = options.edge;
    canvas_.pixels.assign(static_cast<std::size_t>(options.edge * options.edge), image::kMiddleGray);
    canvas_.known.assign(canvas_.pixels.size(), 1);
  }

  void add(const FacePhoto& photo, const Part& part) {
    const View view = photo.faces.empty() ? view_of_background(photo, part) : view_of_face(photo, part);
    const std::size_t first = canvas_.faces.size();
    for (const MarkedFace& face : photo.faces) add_face(on_canvas(face, view), part);
    paint(photo, view, part);
    for (const MarkedFace& face : photo.faces) know_around(face, view, part);
    for (std::size_t i = first; i < canvas_.faces.size(); ++i) {
      if (canvas_.faces[i].clear && random_.next_uniform() < options_.cover)
        cover(canvas_.faces[i].marks, part);
    }
    change(part);
  }
  FaceCanvas take() { return std::move(canvas_); }

 private:
  View view_of_background(const FacePhoto& photo, const Part& part) {
    const auto longer = static_cast<float>(std::max(photo.image.width, photo.image.height));
    // From the whole photo in half of the part to its pixels enlarged.
    const float least = 0.5f * static_cast<float>(std::min(part.width(), part.height())) / longer;
    View view = draw_view(log_between(std::min(least, 1.0f), 1.5f, random_), options_, random_);
    view.from = {random_.next_uniform() * static_cast<float>(photo.image.width),
                 random_.next_uniform() * static_cast<float>(photo.image.height)};
    view.to = part.middle();
    return view;
  }

  View view_of_face(const FacePhoto& photo, const Part& part) {
    std::vector<const MarkedFace*> sharp;
    for (const MarkedFace& face : photo.faces) {
      if (face.edge() * kMostEnlarged >= options_.least) sharp.push_back(&face);
    }
    if (sharp.empty()) sharp.push_back(&photo.faces[0]);
    const MarkedFace& face = *sharp[random_.next_below(static_cast<std::uint32_t>(sharp.size()))];
    const bool large = kMostEnlarged * face.edge() >= kClosest * options_.most;
    if (large && options_.close > 0 && random_.next_uniform() < options_.close) return close_view(face, part);
    const float most = std::min(options_.most, kMostEnlarged * face.edge());
    const float edge = log_between(std::min(options_.least, most), most, random_);
    View view = draw_view(edge / face.edge(), options_, random_);
    view.from = face.middle();
    if (part.width() == options_.edge) {
      view.to = near_middle(edge, part);
      return view;
    }
    const auto place = [&](Index low, Index high) {
      // Sometimes a little of the face is cut off.
      const float margin = std::min(0.4f * edge, 0.5f * static_cast<float>(high - low));
      return between(static_cast<float>(low) + margin, static_cast<float>(high) - margin, random_);
    };
    view.to.x = place(part.left, part.right);
    view.to.y = place(part.top, part.bottom);
    return view;
  }

  // Parts of a face, its hair and shoulders, as large as faces.
  View close_view(const MarkedFace& face, const Part& part) {
    const float most = std::min(kMostEnlarged * face.edge(), 8 * options_.most);
    View view =
        draw_view(log_between(kClosest * options_.most, most, random_) / face.edge(), options_, random_);
    const PhotoPoint middle = face.middle();
    const float x = between(-0.8f, 0.8f, random_), y = between(-0.8f, 2.2f, random_);
    view.from = {middle.x + x * face.edge(), middle.y + y * face.edge()};
    view.to = part.middle();
    return view;
  }

  PhotoPoint near_middle(float edge, const Part& part) {
    constexpr float kFarther = 0.75f;
    const bool near = random_.next_uniform() * 6 >= 1;
    const float most = edge * (near ? options_.off_center : kFarther);
    const auto place = [&](Index extent) {
      return static_cast<float>(extent) / 2 + between(-most, most, random_);
    };
    const float x = place(part.width());
    return {x, place(part.height())};
  }

  void add_face(const MarkedFace& face, const Part& part) {
    const float share = visible_share(face, part);
    if (share == 0) return;
    const float edge = face.edge();
    if (edge > kBeyond * options_.most) return;  // at this size it is none
    const bool sized = edge >= options_.least && edge <= options_.most;
    canvas_.faces.push_back({face, sized && share >= kLeastVisible});
  }

  void paint(const FacePhoto& photo, const View& view, const Part& part) {
    const Painter painter(photo.image, view);
    for (Index y = part.top; y < part.bottom; ++y) {
      for (Index x = part.left; x < part.right; ++x) {
        const auto at = static_cast<std::size_t>(y * canvas_.edge + x);
        canvas_.pixels[at] = painter.pixel(x, y);
        const bool of_photo = painter.inside(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
        canvas_.known[at] = photo.faces.empty() || !of_photo ? 1 : 0;
      }
    }
  }

  // The face and, as large, what is below it: its own shoulders and hands.
  void know_around(const MarkedFace& face, const View& view, const Part& part) {
    const PhotoPoint middle = face.middle();
    const float edge = face.edge() * view.scale();
    know(view.on_canvas(middle), kSurroundings * edge, part);
    know(view.on_canvas({middle.x, middle.y + kBelow * face.edge()}), edge, part);
  }

  void know(PhotoPoint middle, float reach, const Part& part) {
    const auto within = [&](float place, Index low, Index high) {
      return std::clamp(static_cast<Index>(std::lround(place)), low, high);
    };
    const Index left = within(middle.x - reach, part.left, part.right),
                right = within(middle.x + reach, part.left, part.right);
    for (Index y = within(middle.y - reach, part.top, part.bottom);
         y < within(middle.y + reach, part.top, part.bottom); ++y) {
      std::fill_n(canvas_.known.begin() + y * canvas_.edge + left, right - left, std::uint8_t{1});
    }
  }

  // A rectangle of one gray or of noise over at most a third of the face, from one of its sides on.
  void cover(const MarkedFace& face, const Part& part) {
    const float share = between(0.1f, 0.33f, random_);
    const auto side = random_.next_below(4);
    const bool noise = random_.next_uniform() < 0.5f;
    const auto gray = static_cast<std::uint8_t>(random_.next_u32() >> 24);
    const auto inward = [&](float low, float high, bool from_low, bool cut) {
      if (!cut) return std::pair(low, high);
      return from_low ? std::pair(low, low + share * (high - low))
                      : std::pair(high - share * (high - low), high);
    };
    const auto [left, right] = inward(face.left, face.right, side == 0, side < 2);
    const auto [top, bottom] = inward(face.top, face.bottom, side == 2, side >= 2);
    for (Index y = std::max<Index>(part.top, static_cast<Index>(top));
         y < std::min(part.bottom, static_cast<Index>(bottom)); ++y) {
      for (Index x = std::max<Index>(part.left, static_cast<Index>(left));
           x < std::min(part.right, static_cast<Index>(right)); ++x) {
        canvas_.pixels[static_cast<std::size_t>(y * canvas_.edge + x)] =
            noise ? static_cast<std::uint8_t>(random_.next_u32() >> 24) : gray;
      }
    }
  }

  // Light and wear, as photos have them one by one.
  void change(const Part& part) {
    std::vector<std::uint8_t> before, after;
    for (Index y = part.top; y < part.bottom; ++y) {
      const auto row = canvas_.pixels.begin() + y * canvas_.edge;
      before.insert(before.end(), row + part.left, row + part.right);
    }
    after.resize(before.size());
    const std::uint32_t id = random_.next_u32(), seed = random_.next_u32();  // one before the other
    const RandomStream own(seed, RandomPurpose::augmentation, id);
    image::augment(after.data(), before.data(), {part.height(), part.width()}, options_.pixels, own);
    for (Index y = 0; y < part.height(); ++y) {
      std::copy_n(after.begin() + y * part.width(), part.width(),
                  canvas_.pixels.begin() + (part.top + y) * canvas_.edge + part.left);
    }
  }

  const CanvasOptions& options_;
  RandomStream& random_;
  FaceCanvas canvas_;
};

void check(const CanvasOptions& o) {
  constexpr Index kLeastEdge = 32, kMostEdge = 1024;
  const auto refuse = [](const std::string& what) { throw ArgumentError("[canvas] " + what); };
  if (o.edge < kLeastEdge || o.edge > kMostEdge)
    refuse("an edge of " + std::to_string(o.edge) + ", expected 32 to 1024");
  if (!(o.least >= 4 && o.least <= o.most && o.most <= static_cast<float>(o.edge))) {
    refuse("faces of " + format_number(double{o.least}) + " to " + format_number(double{o.most}) + " pixels");
  }
  if (!(o.rotate >= 0 && o.rotate <= 180)) refuse("rotate must be in [0, 180]");
  if (!(o.off_center >= 0 && o.off_center <= 1)) refuse("off_center must be in [0, 1]");
  if (!(o.close >= 0 && o.close <= 1)) refuse("close must be in [0, 1]");
  if (!(o.mirror >= 0 && o.mirror <= 1)) refuse("mirror must be in [0, 1]");
  if (!(o.stretch >= 0 && o.stretch <= 0.5f)) refuse("stretch must be in [0, 0.5]");
  if (!(o.cover >= 0 && o.cover <= 1)) refuse("cover must be in [0, 1]");
  const image::Augmentation& p = o.pixels;
  if (p.mirror != 0 || p.shift != 0 || p.rotate != 0 || p.scale != 0 || p.crop != 0) {
    refuse("places and sizes are the canvas's own");
  }
  image::check(p);
}

}  // namespace

FaceCanvas make_canvas(std::span<const FacePhoto* const> photos, const CanvasOptions& options,
                       RandomStream random) {
  check(options);
  CanvasMaker maker(options, random);
  if (photos.size() == 1) {
    maker.add(*photos[0], {0, 0, options.edge, options.edge});
    return maker.take();
  }
  if (photos.size() != kCanvasPhotos) throw ArgumentError("[canvas] expected 1 or 4 photos");
  const auto parts = draw_parts(options.edge, random);
  for (std::size_t i = 0; i < parts.size(); ++i) maker.add(*photos[i], parts[i]);
  return maker.take();
}

}  // namespace mien::data
