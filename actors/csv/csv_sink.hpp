#pragma once

// A sink that writes each record as a row of a CSV file, or of standard output.
//
//     csv_sink<judged> out{"results.csv", {"id", "label", "score"},
//                          [](const judged& j, csv_row& row) { row.text(j.id).text(j.label).number(j.score);
//                          }};
//
// RFC 4180 with '\n' as line end. A file that is empty gets the header with its first rows; one that has rows
// is appended to if it begins with the same header, and is an error otherwise. A task is one write: all its
// rows are there afterwards, or none is (see line_writer.hpp). Text that a spreadsheet would run as a formula
// is made harmless (csv_options::guard_formulas). Thread-safety: one thread at a time.

#include <actors/csv/csv_row.hpp>
#include <actors/jsonl/line_sink.hpp>
#include <weir/base/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace weir::actors {

template <class T>
class csv_sink : public line_sink<T> {
 public:
  /// A sink that opens `path` ("-" is standard output) when the workflow starts. `fill` is called with a
  /// record and a csv_row, and gives it a cell for each of `columns`.
  template <class F>
  csv_sink(std::string path, const std::vector<std::string>& columns, F fill, csv_options options = {})
      : line_sink<T>(std::move(path), header_of(columns, options),
                     [f = std::move(fill), options](const T& record, std::string& rows) mutable {
                       csv_row row{rows, options};
                       f(record, row);
                       rows += '\n';
                     }) {}
  /// The same, opened at once, so that a bad path or another header shows before anything runs.
  template <class F>
  static result<csv_sink> open(std::string path, const std::vector<std::string>& columns, F fill,
                               csv_options options = {}) {
    csv_sink sink{std::move(path), columns, std::move(fill), options};
    if (auto opened = sink.open_file(); !opened)
      return std::move(opened).error();
    return sink;
  }

 private:
  static std::string header_of(const std::vector<std::string>& columns, csv_options options) {
    std::string header;
    csv_row row{header, options};
    for (const auto& column : columns)
      row.text(column);
    return header += '\n';
  }
};

} // namespace weir::actors
