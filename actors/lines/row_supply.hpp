#pragma once

// What a line_source reads from: the rows of some files in some order. `listed_rows` reads a list of files to
// their ends, `followed_rows` reads what grows. Thread-safety: one thread at a time.

#include <actors/lines/row_reader.hpp>
#include <weir/node/source.hpp>

#include <cstdint>

namespace weir::actors {

class row_supply {
 public:
  enum class answer : std::uint8_t {
    row,      ///< in the argument
    rejected, ///< in rejection()
    busy,     ///< something was read, no row came of it yet: ask again
    waiting,  ///< nothing now: wait until descriptor() is readable
    failed,   ///< for the reason in rejection(), which goes away by itself
    end,      ///< nothing any more
  };

  virtual ~row_supply() = default;
  /// The next row. Never blocks longer than a read of a file.
  virtual answer next(text_line& out) = 0;
  virtual rejected_row& rejection() noexcept = 0;
  virtual int descriptor() const noexcept = 0;
  virtual source_progress progress() const noexcept = 0;
};

} // namespace weir::actors
