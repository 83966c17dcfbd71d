#pragma once

// A directory whose files are followed: those there at first in order of name, then in order of arrival
// (renamed into it counts). Hidden files and directories are left out. A file that was renamed within the
// directory is the same file. One that is gone is forgotten; brought back, it is read again.
// Thread-safety: one thread at a time.

#include <actors/follow/followed_files.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::actors {

class followed_directory final : public followed_place {
 public:
  explicit followed_directory(std::string path) : followed_place(std::move(path)) {}

  result<> look(followed_files& files, bool everything, const std::vector<std::string>& names) override;
  bool keeps_open() const noexcept override { return false; }

 private:
  result<> look_at(followed_files& files, const std::string& name);

  std::uint64_t listing_ = 0;
};

/// The names in a directory that are not hidden, sorted; none when it cannot be read.
std::vector<std::string> names_in(const std::string& directory);

} // namespace weir::actors
