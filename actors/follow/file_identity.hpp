#pragma once

// Which file a name means now. A file keeps its identity when it is renamed; a new file gets another, even
// where the system gives it the inode number of one that was deleted: the time of its creation is part of it
// (where the file system knows that; elsewhere followed_file compares how the file begins).
// Thread-safety: plain values.

#include <weir/base/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::actors {

struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0; ///< nanoseconds since 1970; 0 = unknown
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

struct file_identity_hash {
  std::size_t operator()(const file_identity& f) const noexcept {
    return mix_ordinal(mix_ordinal(f.device, f.inode), static_cast<std::uint64_t>(f.born));
  }
};

struct file_status {
  file_identity identity;
  std::uint64_t size = 0;
  std::int64_t modified = 0; ///< nanoseconds since 1970
  bool regular = false;
};

/// Of what the name leads to, through links; none when there is nothing.
std::optional<file_status> status_of(const std::string& path);
std::optional<file_status> status_of(int descriptor);

} // namespace weir::actors
