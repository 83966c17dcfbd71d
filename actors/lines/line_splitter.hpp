#pragma once

// Cuts chunks of bytes into lines with a bounded memory: never more than `max_line_bytes` are held, however
// long a line is. A line that lies within one chunk is not copied. Thread-safety: one thread at a time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::actors {

class line_splitter {
 public:
  /// So many bytes are kept of a line that is too long.
  static constexpr std::size_t excerpt_bytes = 1000;

  struct line {
    std::string_view text; ///< without '\n' or "\r\n"; of a line that is too long, its beginning
    std::uint64_t number;  ///< from 1, blank lines counted
    std::uint64_t bytes;   ///< of the whole line
    bool too_long;
  };

  explicit line_splitter(std::size_t max_line_bytes) : max_(max_line_bytes) {}

  /// More input, after next() has answered false. `chunk` must stay valid until next() answers false again.
  void feed(std::string_view chunk) noexcept {
    rest_ = chunk;
    if (std::exchange(unended_, false))
      --number_;
  }
  /// The next line that is not blank, valid until the call after; false when the chunk is used up.
  bool next(line& out);
  /// The last line, if it had no '\n' and is not blank. What is fed after it has the same number up to the
  /// next '\n'.
  bool finish(line& out);
  /// What is held of a line whose end has not been seen yet.
  std::string_view unfinished() const noexcept {
    return handed_out_ ? std::string_view{} : std::string_view{carry_};
  }

 private:
  void carry(std::string_view part);
  bool complete(std::string_view text, std::uint64_t bytes, line& out) const;

  std::size_t max_;
  std::string_view rest_;
  std::string carry_;         ///< the beginning of a line, from earlier chunks
  std::uint64_t carried_ = 0; ///< the bytes that carry_ stands for
  bool handed_out_ = false;   ///< carry_ is the line last answered
  bool unended_ = false;      ///< the last line was answered before its end came
  std::uint64_t number_ = 0;
};

/// A line whose end has come, as it is handed out: `text` is what is held of its `bytes`. Without the byte
/// order mark if it is the `first`, and without '\r'; none when it is blank; an excerpt when it is over `max`
/// bytes.
struct ended_line {
  std::string_view text;
  std::uint64_t bytes;
  bool too_long;
};
std::optional<ended_line> end_of_line(std::string_view text, std::uint64_t bytes, bool first,
                                      std::size_t max) noexcept;

/// The longest beginning of `text` of at most `bytes` that does not cut a UTF-8 character in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept;

} // namespace weir::actors
