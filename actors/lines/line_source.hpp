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
// the line there. Memory: less than 1 MiB and one line. Thread-safety: one thread at a time.

#include <actors/files/input_stream.hpp>
#include <actors/lines/line_splitter.hpp>
#include <actors/lines/text_line.hpp>
#include <weir/node/source.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

struct line_source_options {
  /// Files, directories (their regular files in order of name), "-" for standard input; read in this order.
  std::vector<std::string> inputs;
  /// A longer line is rejected. Default 1 MiB. More costs as much memory.
  std::size_t max_line_bytes = std::size_t{1} << 20U;
  /// Lines at most, rejected ones counted; 0 = all. Default all.
  std::uint64_t limit = 0;
};

class line_source {
 public:
  /// Checks that every input is there and may be read.
  static result<line_source> open(line_source_options options);

  poll_result poll(emitter<text_line>& out, std::size_t demand);
  /// Bytes on disk read of all there are; the total is 0 (unknown) when an input is a pipe or terminal.
  source_progress progress() const noexcept;

 private:
  line_source(line_source_options options, std::vector<input_entry> inputs);
  bool begin_next_file(emitter<text_line>& out);
  void end_file();
  void emit(emitter<text_line>& out, const line_splitter::line& line);
  void reject_rest(emitter<text_line>& out, error why);
  bool limit_reached() const noexcept { return options_.limit != 0 && made_ >= options_.limit; }

  line_source_options options_;
  std::vector<input_entry> inputs_;
  std::size_t next_input_ = 0;
  std::uint64_t bytes_of_ended_ = 0;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t made_ = 0; ///< lines emitted or rejected
  std::unique_ptr<input_stream> current_;
  line_splitter splitter_;
  shared_text file_;
};

} // namespace weir::actors
