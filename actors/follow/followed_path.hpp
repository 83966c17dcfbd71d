#pragma once

// A named file that is followed through rotation: when another file takes its name, the old one is read to
// its end and the new one from its start. Files that had the name for so short a time that nobody saw them
// there are looked for under it with a number or date behind (NAME.1, NAME-20260131): every such file that
// was not there before is one of them, in order of creation (which the kernel's clock knows to some
// milliseconds). Copies under such names (copytruncate) are known by the truncation that comes with them, or
// by being younger than the file. The file may be missing. Thread-safety: one thread at a time.

#include <actors/follow/followed_files.hpp>

#include <string>
#include <unordered_set>
#include <vector>

namespace weir::actors {

class followed_path final : public followed_place {
 public:
  /// Notes which files lie beside `path` before anything happens.
  explicit followed_path(const std::string& path);

  result<> look(followed_files& files, bool everything, const std::vector<std::string>& names) override;
  bool keeps_open() const noexcept override { return true; }
  void truncated() override;

 private:
  std::vector<std::string> siblings() const;
  result<> add_missed(followed_files& files, const file_status& newest, const file_descriptor& newest_file);

  std::string path_;
  std::string name_; ///< the last part of path_
  file_identity current_;
  bool has_current_ = false;
  int look_again_ = 0;                                           ///< a listing during renames may miss a file
  std::unordered_set<file_identity, file_identity_hash> beside_; ///< known under the names of rotated files
};

} // namespace weir::actors
