#pragma once

// The rows of files, directories and standard input, one file after the other, each to its end.
// Thread-safety: one thread at a time.

#include <actors/files/input_stream.hpp>
#include <actors/lines/row_supply.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace weir::actors {

class listed_rows final : public row_supply {
 public:
  listed_rows(std::vector<input_entry> inputs, row_format format, std::size_t max_row_bytes);

  answer next(text_line& out) override;
  rejected_row& rejection() noexcept override { return rejection_; }
  int descriptor() const noexcept override { return current_->descriptor(); }
  /// Bytes on disk read of all there are; the total is 0 (unknown) when an input is a pipe or terminal.
  source_progress progress() const noexcept override;

 private:
  bool begin_next_file();
  void end_file();
  answer reject_rest(error why);

  std::vector<input_entry> inputs_;
  row_format format_;
  std::size_t max_;
  std::size_t next_input_ = 0;
  std::uint64_t bytes_of_ended_ = 0;
  std::uint64_t total_bytes_ = 0;
  std::optional<input_stream> current_;
  std::optional<row_reader> rows_; ///< of the current file, or of one that has ended and has rows left
  rejected_row rejection_;
};

} // namespace weir::actors
