#pragma once

// A sink that writes each record as one line to a file or standard output.
//
//     auto out = weir::actors::json_lines_sink<judged>::open("results.jsonl", [](const judged& j) { return
//     to_json(j); });
//
// A task is one write: all its lines are there afterwards, or none is (see line_writer.hpp). A full disk is
// an `exhausted` error. The file is brought to the disk when the run drains. Thread-safety: one thread at a
// time.

#include <actors/jsonl/line_writer.hpp>
#include <weir/base/result.hpp>

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::actors {

template <class T>
class json_lines_sink {
 public:
  /// Appends a record as one line, without the '\n'.
  using formatter = std::function<void(const T&, std::string&)>;

  /// A sink that opens `path` ("-" is standard output) when the workflow starts. `format` is a formatter or a
  /// function of a record that returns a string.
  template <class F>
  json_lines_sink(std::string path, F format) : path_(std::move(path)) {
    if constexpr (std::is_invocable_v<F&, const T&, std::string&>)
      format_ = std::move(format);
    else
      format_ = [f = std::move(format)](const T& record, std::string& line) mutable { line += f(record); };
  }
  /// The same, opened at once, so that a bad path shows before anything runs.
  template <class F>
  static result<json_lines_sink> open(std::string path, F format) {
    json_lines_sink sink{std::move(path), std::move(format)};
    if (auto opened = sink.open_file(); !opened)
      return std::move(opened).error();
    return sink;
  }
  /// A copy has a file of its own.
  json_lines_sink(const json_lines_sink& other) : path_(other.path_), format_(other.format_) {}
  json_lines_sink(json_lines_sink&&) noexcept = default;
  json_lines_sink& operator=(json_lines_sink&&) noexcept = default;
  ~json_lines_sink() = default;

  void on_start() {
    if (auto opened = open_file(); !opened)
      throw std::runtime_error(opened.error().message());
  }

  result<> write(std::span<const T> records) {
    if (auto opened = open_file(); !opened)
      return opened;
    lines_.clear();
    for (const T& record : records) {
      format_(record, lines_);
      lines_ += '\n';
    }
    return writer_->write(lines_);
  }

  result<> on_drain() { return writer_ ? writer_->sync() : result<>{}; }

 private:
  result<> open_file() {
    if (!writer_) {
      auto opened = line_writer::open(path_);
      if (!opened)
        return std::move(opened).error();
      writer_ = *std::move(opened);
    }
    return {};
  }

  std::string path_;
  formatter format_;
  std::optional<line_writer> writer_;
  std::string lines_;
};

} // namespace weir::actors
