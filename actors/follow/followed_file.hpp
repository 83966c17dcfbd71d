#pragma once

// One file that grows: its bytes from where they were last read, whatever its name is by then. It knows when
// it has been truncated: it is shorter than what was read, or begins with other bytes (the first 256 are
// compared). A file that is truncated and filled again with the same beginning, up to where it was read or
// past it, between two looks cannot be told from one that has grown; nor can one that is filled again to the
// same size within one tick of the kernel's clock (some milliseconds) of the last look.
//
// Closed, it costs its entry; it goes on where it stopped when it is opened again. Compressed files are
// decompressed again from the start for that. Thread-safety: one thread at a time.

#include <actors/files/input_stream.hpp>
#include <actors/follow/file_identity.hpp>
#include <weir/base/clock.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weir::actors {

class followed_file {
 public:
  /// What a reader keeps beside the file.
  struct companion {
    virtual ~companion() = default;
  };
  enum class begun : std::uint8_t {
    on,    ///< goes on where it stopped
    again, ///< it was truncated: starts at 0
    gone,  ///< its name leads elsewhere now
  };

  followed_file(std::string path, const file_identity& identity)
      : path_(std::move(path)), identity_(identity) {}

  /// Opens it if it is not open, and looks whether it was truncated.
  result<begun> begin();
  /// Keeps `file`, open on this file, instead of opening it by name.
  void adopt(file_descriptor file) { adopted_ = std::move(file); }
  /// As input_stream::next of a growing file; only after begin().
  result<input_stream::chunk> read();
  void close();

  bool is_open() const noexcept { return stream_.has_value() || adopted_; }
  /// Status through the open file; none if it is closed.
  std::optional<file_status> status() const;
  /// Whether a file in this state may have something to read, or was truncated: it has another size than was
  /// read, or was written since begin() last looked (truncated and filled again to the same size).
  bool differs(const file_status& now) const noexcept {
    return now.size != read_bytes_ || now.modified != modified_;
  }
  /// Whether a file of `size` bytes was truncated for certain.
  bool shrank(std::uint64_t size) const noexcept { return size < read_bytes_; }
  bool within_compressed() const noexcept { return within_compressed_; }
  error cut_off() const { return stream_->cut_off(); }

  const file_identity& identity() const noexcept { return identity_; }
  const std::string& path() const noexcept { return path_; }
  void renamed(std::string path) { path_ = std::move(path); }

  // For the set it is in.
  std::unique_ptr<companion> kept; ///< the reader's
  std::size_t place = 0;           ///< which input it came from
  std::uint64_t listing = 0;       ///< the last listing of a directory that had it
  time_point changed;              ///< when it last had something to read
  bool queued = false;
  bool retired = false; ///< rotated away or deleted: no name leads to it for certain
  bool settled = true;  ///< its last line was ended for it
  bool broken = false;  ///< cannot be read on
  bool told_cut = false;

 private:
  bool begins_otherwise(int descriptor);

  std::string path_;
  file_identity identity_;
  file_descriptor adopted_;
  std::optional<input_stream> stream_;
  std::string beginning_;
  std::uint64_t read_bytes_ = 0; ///< of the file
  std::int64_t modified_ = 0;    ///< when begin() last looked
  std::uint64_t made_bytes_ = 0; ///< of its text
  bool compressed_ = false;
  bool within_compressed_ = false;
};

} // namespace weir::actors
