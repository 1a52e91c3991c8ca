#include "data/file_kind.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "mien/core/error.hpp"
#include "mien/core/text.hpp"

namespace mien::data::detail {
namespace {

using namespace std::string_view_literals;

/// What begins with `magic`. The advice ends with the command that unpacks the file, if there is one.
struct Kind {
  std::string_view magic;
  std::string_view what;
  std::string_view advice;
  std::string_view command = {};
};

constexpr std::string_view kUnpack = "unpack it first";
constexpr std::string_view kConvert = "save or convert it as CSV first";
constexpr std::string_view kNoTable = "expected a CSV file, or a folder of images";

constexpr auto kKinds = std::to_array<Kind>({
    {"PK\x03\x04"sv, "a zip archive", kUnpack, "unzip"},
    {"PK\x05\x06"sv, "an empty zip archive", kNoTable},
    {"PK\x07\x08"sv, "a zip archive in several parts", kUnpack, "7z x"},
    {"BZh"sv, "packed with bzip2", kUnpack, "bunzip2 -k"},
    {"\xfd"
     "7zXZ\0"sv,
     "packed with xz", kUnpack, "unxz -k"},
    {"\x5d\0\0"sv, "packed with lzma", kUnpack, "unlzma -k"},
    {"LZIP"sv, "packed with lzip", kUnpack, "lzip -dk"},
    {"\x28\xb5\x2f\xfd"sv, "packed with zstd", kUnpack, "unzstd"},
    {"\x04\x22\x4d\x18"sv, "packed with lz4", kUnpack, "unlz4"},
    {"\x1f\x9d"sv, "packed with compress", kUnpack, "gunzip -k"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive", kUnpack, "7z x"},
    {"Rar!\x1a\x07"sv, "a rar archive", kUnpack, "unrar x"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an Excel spreadsheet", kConvert},
    {"PAR1"sv, "a Parquet file", kConvert},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file", kConvert},
    {"\x93NUMPY"sv, "a NumPy array", kConvert},
    {"SQLite format 3\0"sv, "an SQLite database", kConvert},
    {"\x89PNG\r\n\x1a\n"sv, "a PNG image", kNoTable},
    {"\xff\xd8\xff"sv, "a JPEG image", kNoTable},
    {"%PDF-"sv, "a PDF document", kNoTable},
    {"version https://git-lfs"sv, "a pointer of Git LFS, not the file itself", "fetch that with git lfs pull"},
    {"<!doctype html"sv, "a web page", "the download may have needed a login"},
    {"<html"sv, "a web page", "the download may have needed a login"},
});

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[noreturn]] void refuse(std::string_view name, std::string_view what, std::string_view advice,
                         std::string_view command) {
  std::string text = std::string(name) + ": this is " + std::string(what) + ": " + std::string(advice);
  if (!command.empty()) text += ", as by `" + std::string(command) + " " + shell_quoted(name) + "`";
  throw DataError(text);
}

bool begins_with(std::string_view text, std::string_view magic) {
  const bool page = magic.starts_with('<');
  const std::string_view begin = text.substr(0, magic.size());
  return page ? lower(std::string(begin)) == magic : begin == magic;
}

// Names that only tar archives have.
bool is_named_tar(std::string_view name) {
  const std::string small = lower(std::string(name));
  constexpr auto kEndings = std::to_array<std::string_view>({".tbz", ".tbz2", ".txz", ".tlz", ".tzst"});
  return small.find(".tar.") != small.npos ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view e) { return small.ends_with(e); });
}

bool is_spreadsheet(std::string_view zip) {
  constexpr std::size_t kFirstName = 30;
  if (zip.size() < kFirstName) return false;
  const std::string_view first = zip.substr(kFirstName);
  return first.starts_with("[Content_Types].xml") || first.starts_with("xl/") ||
         first.starts_with("mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
}

// Also the old form, which has no magic: by the sum of the first header, in which the sum itself counts as
// blanks.
bool is_tar(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kHeader = 512, kSum = 148, kSumEnd = 156;
  if (bytes.size() < kHeader) return false;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kHeader; ++i) sum += i >= kSum && i < kSumEnd ? std::size_t{' '} : bytes[i];
  std::size_t stated = 0, digits = 0;
  for (std::size_t i = kSum; i < kSumEnd; ++i) {
    if (bytes[i] == ' ' && digits == 0) continue;
    if (bytes[i] < '0' || bytes[i] > '7') break;
    stated = stated * 8 + (bytes[i] - std::size_t{'0'});
    ++digits;
  }
  return digits > 0 && stated == sum;
}

}  // namespace

void refuse_other_kinds(std::span<const std::uint8_t> bytes, std::string_view name) {
  const std::string_view text = text_of(bytes);
  for (const Kind& kind : kKinds) {
    if (!begins_with(text, kind.magic)) continue;
    if (kind.magic.starts_with("PK") && is_spreadsheet(text)) refuse(name, "a spreadsheet", kConvert, {});
    const bool packed = kind.what.starts_with("packed");
    if (packed && is_named_tar(name)) {
      refuse(name, "a tar archive " + std::string(kind.what), kUnpack, "tar xf");
    }
    refuse(name, (packed ? "a file " : "") + std::string(kind.what), kind.advice, kind.command);
  }
  if (is_tar(bytes)) refuse(name, "a tar archive", kUnpack, "tar xf");
}

void refuse_other_kinds_unpacked(std::span<const std::uint8_t> bytes, std::string_view name) {
  if (is_tar(bytes)) refuse(name, "a tar archive packed with gzip", kUnpack, "tar xzf");
  if (text_of(bytes).starts_with("\x1f\x8b"))
    refuse(name, "a gzip file packed with gzip again", kUnpack, "gunzip -k");
  for (const Kind& kind : kKinds) {
    if (!begins_with(text_of(bytes), kind.magic)) continue;
    const bool packed = kind.what.starts_with("packed");
    refuse(name, "a gzip file that holds " + std::string(packed ? "a file " : "") + std::string(kind.what),
           kind.advice, "gunzip -k");
  }
}

}  // namespace mien::data::detail
