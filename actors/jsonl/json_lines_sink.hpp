#pragma once

// A sink that writes each record as one line to a file or standard output.
//
//     auto out = weir::actors::json_lines_sink<judged>::open("results.jsonl", [](const judged& j) { return
//     to_json(j); });
//
// A task is one write: all its lines are there afterwards, or none is (see line_writer.hpp). A full disk is
// an `exhausted` error. The file is brought to the disk when the run drains. Thread-safety: one thread at a
// time.

#include <actors/jsonl/line_sink.hpp>
#include <weir/base/result.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace weir::actors {

template <class T>
class json_lines_sink : public line_sink<T> {
 public:
  /// A sink that opens `path` ("-" is standard output) when the workflow starts. `format` appends a record as
  /// one line without the '\n', `void(const T&, std::string&)`, or is a function of a record that returns a
  /// string.
  template <class F>
  json_lines_sink(std::string path, F format)
      : line_sink<T>(std::move(path), {},
                     [f = std::move(format)](const T& record, std::string& lines) mutable {
                       if constexpr (std::is_invocable_v<F&, const T&, std::string&>)
                         f(record, lines);
                       else
                         lines += f(record);
                       lines += '\n';
                     }) {}
  /// The same, opened at once, so that a bad path shows before anything runs.
  template <class F>
  static result<json_lines_sink> open(std::string path, F format) {
    json_lines_sink sink{std::move(path), std::move(format)};
    if (auto opened = sink.open_file(); !opened)
      return std::move(opened).error();
    return sink;
  }
};

} // namespace weir::actors
