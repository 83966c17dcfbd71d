#pragma once

// The rows of files that grow, for ever: what is appended to them, what takes their names (rotation), what
// comes into directories. followed_files.hpp says what is promised about bytes. About rows: one whose end has
// not come is held until it comes, or until its file has been quiet for 2 s: then it counts as a row, and
// what comes after it is the beginning of another. A file that was truncated begins anew, header and line
// numbers too; what was held of its last line counts as one.
//
// Standard input and named pipes are read beside the files to their ends; when nothing else was named, that
// is the end. Memory: one row for each open file and pipe. Thread-safety: one thread at a time.

#include <actors/files/input_stream.hpp>
#include <actors/follow/followed_files.hpp>
#include <actors/lines/row_supply.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

class followed_rows final : public row_supply {
 public:
  /// A directory must be there and readable; a file may be missing if its directory is there.
  static result<std::unique_ptr<followed_rows>> open(const std::vector<std::string>& inputs,
                                                     row_format format, std::size_t max_row_bytes,
                                                     const std::shared_ptr<const clock>& time);

  answer next(text_line& out) override;
  rejected_row& rejection() noexcept override { return rejection_; }
  int descriptor() const noexcept override { return files_.descriptor(); }
  source_progress progress() const noexcept override { return {bytes_, 0}; }

 private:
  struct file_rows;
  struct pipe {
    input_stream stream;
    row_reader rows;
    bool waits; ///< the wait for descriptor() includes it
  };

  followed_rows(followed_files files, row_format format, std::size_t max_row_bytes);
  row_reader& rows_of(followed_file& file);
  answer take_row(text_line& out);
  bool read_pipe(answer& said);
  answer read_file();
  answer reject(rejected_row row);

  followed_files files_;
  row_format format_;
  std::size_t max_;
  bool only_pipes_ = false;
  std::vector<std::unique_ptr<pipe>> pipes_;
  std::size_t next_pipe_ = 0;
  row_reader* current_ = nullptr;      ///< may have rows
  bool finishing_ = false;             ///< its last row counts without its end
  followed_file* restarted_ = nullptr; ///< begins anew after that
  std::unique_ptr<pipe> ended_;        ///< a pipe whose last rows are being taken
  std::uint64_t bytes_ = 0;
  rejected_row rejection_;
};

} // namespace weir::actors
