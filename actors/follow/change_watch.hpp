#pragma once

// Says when something happens in some directories, without being asked in between: one descriptor that is
// readable when there was a change (inotify) and, for what inotify does not see (network file systems, links,
// a directory made anew), once a second. Where the system gives no inotify, the second alone remains.
// Thread-safety: one thread at a time.

#include <actors/files/file_descriptor.hpp>

#include <string>
#include <vector>

namespace weir::actors {

class change_watch {
 public:
  struct change {
    int directory;    ///< as watch() answered
    std::string name; ///< in it
  };

  static result<change_watch> make();

  /// Watches `directory`; harmless to repeat, and needed after it was made anew. -1 where it cannot be
  /// watched.
  int watch(const std::string& directory) const;
  /// Also readable when `descriptor` is; false for what is always readable, such as a regular file.
  bool add(int descriptor) const;
  void remove(int descriptor) const;

  /// What changed since the last call, in order, each name once. `lost`: more than could be kept; look at
  /// everything. Never blocks.
  std::vector<change> take(bool& lost);
  int descriptor() const noexcept { return all_.get(); }

 private:
  file_descriptor all_;
  file_descriptor changes_;
  file_descriptor seconds_;
};

} // namespace weir::actors
