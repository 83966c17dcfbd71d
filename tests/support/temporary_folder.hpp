#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace weir::test {

/// A folder of its own for one test, removed with all that is in it at the end.
/// Owning thread only.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Writes a file (and the folders it needs) and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// A file's whole content; empty where it does not exist.
std::string read_file(const std::filesystem::path& path);

} // namespace weir::test
