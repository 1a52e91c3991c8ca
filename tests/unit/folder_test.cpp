#include "mien/core/folder.hpp"

#include <algorithm>
#include <string>

#include "mien/core/file.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using mien::list_folder;
using mien::test::TemporaryFolder;
namespace fs = std::filesystem;

TEST_CASE("a folder's entries are listed under its path, hidden ones and folders too") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "b" / "below");
  fs::create_directory_symlink("nowhere", folder / "link");
  mien::write_file_atomically(folder / ".hidden", "");
  std::error_code error = std::make_error_code(std::errc::io_error);  // of something before
  std::vector<fs::path> entries = list_folder(folder.path(), error);
  std::sort(entries.begin(), entries.end());
  CHECK_FALSE(error);
  CHECK(entries == std::vector<fs::path>{folder / ".hidden", folder / "b", folder / "link"});
  CHECK(list_folder(folder / "b" / "below", error).empty());
  CHECK_FALSE(error);
}

TEST_CASE("what cannot be listed says why") {
  const TemporaryFolder folder;
  mien::write_file_atomically(folder / "file", "");
  std::error_code error;
  CHECK(list_folder(folder / "missing", error).empty());
  CHECK(error == std::errc::no_such_file_or_directory);
  CHECK(list_folder(folder / "file", error).empty());
  CHECK(error == std::errc::not_a_directory);
}
