#pragma once

// Appends whole lines to a file or to standard output.
//
// Invariant: to a regular file a block of lines is written completely or not at all: what a full disk cut off
// is taken back, so that the file never ends within a line and a failed write can be repeated. (Unless
// someone else has appended behind it in the meantime; then it stays.) A file whose last line was torn by a
// crash gets a new line first, so that only that line is lost. Thread-safety: one thread at a time.

#include <actors/files/file_descriptor.hpp>

#include <string>
#include <string_view>

namespace weir::actors {

class line_writer {
 public:
  /// Opens `path` for appending, creating it if need be; "-" is standard output. `header` ('\n' at its end)
  /// comes before the first lines of an output that is empty; a file that begins otherwise is an error.
  static result<line_writer> open(std::string path, std::string header = {});

  /// Writes `lines`, each ended by '\n', with one system call where the system takes them at once. A full
  /// disk or quota, or a reader of standard output that has gone, is an `exhausted` error.
  result<> write(std::string_view lines);
  /// Returns when everything written is on the disk, the header at least; nothing more to do for pipes and
  /// terminals.
  result<> sync();

  const std::string& path() const noexcept { return path_; }

 private:
  result<> end_torn_line();
  result<> check_header() const;
  bool needs_header() const;
  result<> write_block(std::string_view lines);
  error failed(int code, const char* doing) const;
  void take_back(std::size_t written) const;

  std::string path_;
  std::string header_; ///< empty once it is there
  file_descriptor file_;
  bool regular_ = false;
};

} // namespace weir::actors
