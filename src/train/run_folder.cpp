#include "mien/train/run_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <system_error>

#include "mien/core/error.hpp"
#include "mien/core/file.hpp"
#include "mien/core/folder.hpp"
#include "mien/core/text.hpp"
#include "mien/eval/plots.hpp"
#include "mien/eval/report.hpp"
#include "mien/eval/samples.hpp"
#include "mien/train/metrics.hpp"

namespace mien::train {
namespace {

constexpr std::size_t kSamplesPerClass = 8;
constexpr Index kSheetEdge = 4096;
constexpr const char* kLockName = ".lock";
constexpr int kMostAttempts = 100;  // to lock a folder that others remove

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw DataError("[run folder] " + path.string() + ": " + std::generic_category().message(error));
}

// The folder and those above it that are not there yet, the deepest first.
std::vector<std::filesystem::path> missing_folders(std::filesystem::path folder) {
  std::vector<std::filesystem::path> missing;
  std::error_code ignored;
  for (; !folder.empty() && !std::filesystem::exists(folder, ignored); folder = folder.parent_path()) {
    missing.push_back(folder);
  }
  return missing;
}

// Of folders in each other, the deepest first, those that hold nothing else.
void remove_empty(const std::vector<std::filesystem::path>& folders) {
  std::error_code ignored;
  for (const std::filesystem::path& folder : folders) std::filesystem::remove(folder, ignored);
}

// Only the lock is in a folder that was not written to.
void remove_if_unused(const std::vector<std::filesystem::path>& made) noexcept try {
  std::error_code error;
  if (list_folder(made.front(), error).size() != 1 || error) return;
  std::filesystem::remove(made.front() / kLockName, error);
  remove_empty(made);
} catch (const std::exception&) {  // then it stays
}

// Whether the open file is still the one of that name.
bool still_there(int descriptor, const std::filesystem::path& path) {
  struct stat opened = {}, named = {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// Some network file systems have no locks. Runs there are not kept from each other, but they are possible.
bool has_no_locks(int error) {
  return error == ENOLCK || error == ENOSYS || error == ENOTSUP || error == EOPNOTSUPP;
}

// For the message of those who come later. A lock without it is as good.
void note_holder(int descriptor) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0) return;
  static_cast<void>(::pwrite(descriptor, text.data(), text.size(), 0) == 0);
}

// " (process 1234)", or nothing where that is not known.
std::string holder_of(int descriptor) {
  std::array<char, 32> text;
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  const auto number = size > 1 ? parse_index({text.data(), static_cast<std::size_t>(size) - 1}) : std::nullopt;
  return number ? " (process " + std::to_string(*number) + ")" : "";
}

// -1 where another run removed the folder, which it had made and not written to, on the way here.
int try_lock(const std::filesystem::path& folder) {
  const std::filesystem::path lock = folder / kLockName;
  const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0 && errno == ENOENT) return -1;
  if (descriptor < 0) fail(lock, errno);
  int error = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  if (has_no_locks(error)) error = 0;
  const bool locked = error == 0;
  if (locked && still_there(descriptor, lock)) {
    note_holder(descriptor);
    return descriptor;
  }
  const std::string holder = locked ? "" : holder_of(descriptor);
  ::close(descriptor);
  if (locked) return -1;
  if (error != EWOULDBLOCK) fail(lock, error);
  throw DataError("[run folder] " + folder.string() + ": another process" + holder + " is training into it");
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path) : path_(std::move(path)) {
  for (int attempt = 1; lock_ < 0; ++attempt) {
    made_ = missing_folders(path_);
    std::error_code error;
    const bool made = std::filesystem::create_directories(path_, error);
    try {
      const bool removed = error == std::errc::no_such_file_or_directory;  // by another run, meanwhile
      if (error && (!removed || attempt == kMostAttempts)) fail(path_, error.value());
      if (!error) lock_ = try_lock(path_);
      if (lock_ < 0 && attempt == kMostAttempts) fail(path_, ENOENT);
    } catch (const DataError&) {
      remove_empty(made_);
      throw;
    }
    if (!made) made_.clear();
  }
}

RunFolder::~RunFolder() {
  if (!made_.empty()) remove_if_unused(made_);
  ::close(lock_);
}

std::string RunFolder::title(const std::string& model) const {
  const std::string name = (path_.has_filename() ? path_ : path_.parent_path()).filename().string();
  return name.empty() || name == "." ? model : name == model ? name : name + ", " + model;
}

void RunFolder::log(std::string_view line) {
  const std::filesystem::path file = path_ / "log.txt";
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) fail(file, errno);
  std::string text(line);
  text += '\n';
  std::size_t done = 0;
  int error = 0;
  while (done < text.size() && error == 0) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written >= 0) done += static_cast<std::size_t>(written);
    if (written < 0 && errno != EINTR) error = errno;
  }
  ::close(descriptor);
  if (error != 0) fail(file, error);
}

void RunFolder::write_text(const std::string& name, std::string_view text) {
  write_file_atomically(path_ / name, text);
}

void require_unused(const std::filesystem::path& folder) {
  const std::string name = folder.string();
  if (std::filesystem::exists(folder / "last.safetensors")) {
    throw ArgumentError(name + " already holds a run: --resume " + shell_quoted(name) +
                        " continues it, another --out starts anew");
  }
  if (std::filesystem::exists(folder / "best.safetensors")) {
    throw ArgumentError(name +
                        " already holds the weights of a run, and no checkpoint; another --out starts anew");
  }
}

void RunFolder::write_metrics(const std::vector<MetricRow>& history, const std::string& title,
                              std::uint64_t best_step) {
  write_text("metrics.csv", metrics_csv(history));
  eval::LearningCurves curves;
  curves.title = title;
  curves.loss = {curve(history, "training", &MetricRow::train_loss),
                 curve(history, "validation", &MetricRow::validation_loss)};
  curves.accuracy = {curve(history, "training", &MetricRow::train_accuracy),
                     curve(history, "validation", &MetricRow::validation_accuracy)};
  curves.best_epoch = epoch_of(history, best_step);
  write_text("metrics.svg", eval::learning_curves_svg(curves));
}

void RunFolder::write_evaluation(const eval::Evaluation& evaluation, const std::string& split,
                                 const std::string& model, const std::string& suffix) {
  write_text("report" + suffix + ".json", eval::report_json(evaluation, split, model));
  write_text("confusion" + suffix + ".csv", eval::confusion_csv(evaluation.confusion));
  write_text("confusion" + suffix + ".svg", eval::confusion_svg(evaluation.confusion, split));
}

void RunFolder::remove_abandoned() {
  std::error_code ignored;
  for (const std::filesystem::path& file : list_folder(path_, ignored)) {
    if (is_abandoned_temporary(file)) std::filesystem::remove(file, ignored);
  }
}

void RunFolder::remove_measures() {
  for (const char* name : {"report.json", "report-private.json", "confusion.csv", "confusion-private.csv",
                           "confusion.svg", "confusion-private.svg", "best.onnx"}) {
    std::error_code error;
    std::filesystem::remove(path_ / name, error);
    if (error) fail(path_ / name, error.value());
  }
}

void RunFolder::write_samples(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                              const std::vector<std::string>& labels) {
  // Twice as large, and something around each; of many classes the first ones.
  const auto fitting = [](Index edge) {
    return static_cast<std::size_t>(std::max<Index>(kSheetEdge / (2 * edge + 40), 1));
  };
  const std::size_t columns = std::min(kSamplesPerClass, fitting(dataset.width));
  std::vector<eval::SampleRow> sheet(std::min(labels.size(), fitting(dataset.height)));
  for (std::size_t label = 0; label < sheet.size(); ++label) sheet[label].label = labels[label];
  for (const std::uint32_t row : rows) {
    if (dataset.labels[row] >= sheet.size()) continue;
    auto& images = sheet[dataset.labels[row]].images;
    if (images.size() < columns) images.push_back(dataset.image(static_cast<Index>(row)));
  }
  eval::write_samples_png(path_ / "samples.png", {dataset.height, dataset.width, dataset.channels}, sheet);
}

}  // namespace mien::train
