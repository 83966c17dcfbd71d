#pragma once

// A source of the lines of files, directories and standard input; plain, gzip or zstd by content.
//
//     auto lines = weir::actors::line_source::open({.inputs = {"reviews.jsonl.gz", "more/", "-"}});
//     if (!lines)
//       return report(lines.error());
//     auto stream = workflow.from("reviews", *std::move(lines));
//
// Blank lines are skipped, "\r\n" is an end of line, a byte order mark at the start of a file is dropped, a
// last line without '\n' counts. Bytes are passed on as they are: whether they are UTF-8 is for the parser to
// say. What cannot be a record is rejected and the reading goes on: a line over the limit with its beginning
// as payload (it is never held as a whole), the rest of a file after a corrupt place with what was left of
// the line there. Memory: less than 1 MiB and one line; see followed_rows.hpp for `follow`.
//
// Tables (`format`): a row is a text_line too, with the file's header and separator beside it. The header is
// no record. What a quote that is never closed does is said in table_splitter.hpp.
//
// Thread-safety: one thread at a time.

#include <actors/lines/pace.hpp>
#include <actors/lines/row_supply.hpp>
#include <actors/lines/text_line.hpp>
#include <weir/base/clock.hpp>
#include <weir/node/source.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

struct line_source_options {
  /// Files, directories (their regular files in order of name), "-" for standard input; read in this order.
  std::vector<std::string> inputs;
  /// A longer line or row is rejected. Default 1 MiB. More costs as much memory.
  std::size_t max_line_bytes = std::size_t{1} << 20U;
  /// Lines at most, rejected ones counted; 0 = all. Default all.
  std::uint64_t limit = 0;
  /// What the rows of every file are; `automatic` finds out for each. Default lines.
  row_format format = row_format::lines;
  /// Lines a second at most, evenly, rejected ones counted; after a pause at most 100 ms are caught up on. 0
  /// = no limit. Default 0.
  std::uint64_t rate = 0;
  /// Goes on for ever with what is appended to the files and what comes into the directories, through
  /// rotation and truncation: followed_rows.hpp says what is promised. A file may be missing at first.
  /// Default off.
  bool follow = false;
  /// Where time is read; null = the machine's clock. For tests.
  std::shared_ptr<const clock> time = nullptr;
};

class line_source {
 public:
  /// Checks that every input is there and may be read.
  static result<line_source> open(line_source_options options);

  poll_result poll(emitter<text_line>& out, std::size_t demand);
  /// Bytes on disk read of all there are; the total is 0 (unknown) when an input is a pipe or terminal, or
  /// followed.
  source_progress progress() const noexcept { return rows_->progress(); }

 private:
  line_source(std::uint64_t limit, pace speed, std::unique_ptr<row_supply> rows);

  std::uint64_t limit_;
  std::uint64_t made_ = 0; ///< lines emitted or rejected
  pace pace_;
  std::unique_ptr<row_supply> rows_;
};

} // namespace weir::actors
