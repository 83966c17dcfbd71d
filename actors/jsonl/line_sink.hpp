#pragma once

// What the sinks of lines share: a task is one write, all its lines are there afterwards or none is (see
// line_writer.hpp). A full disk is an `exhausted` error. The file is brought to the disk when the run drains.
// Use json_lines_sink or csv_sink. Thread-safety: one thread at a time.

#include <actors/jsonl/line_writer.hpp>
#include <weir/base/result.hpp>

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::actors {

template <class T>
class line_sink {
 public:
  /// A copy has a file of its own.
  line_sink(const line_sink& other) : path_(other.path_), header_(other.header_), format_(other.format_) {}
  line_sink(line_sink&&) noexcept = default;
  line_sink& operator=(line_sink&&) noexcept = default;
  ~line_sink() = default;

  void on_start() {
    if (auto opened = open_file(); !opened)
      throw std::runtime_error(opened.error().message());
  }

  result<> write(std::span<const T> records) {
    if (auto opened = open_file(); !opened)
      return opened;
    lines_.clear();
    for (const T& record : records)
      format_(record, lines_);
    return writer_->write(lines_);
  }

  result<> on_drain() { return writer_ ? writer_->sync() : result<>{}; }

 protected:
  /// `format` appends a record with its line end. `header` is what a file begins with; empty = nothing.
  line_sink(std::string path, std::string header, std::function<void(const T&, std::string&)> format)
      : path_(std::move(path)), header_(std::move(header)), format_(std::move(format)) {}

  result<> open_file() {
    if (!writer_) {
      auto opened = line_writer::open(path_, header_);
      if (!opened)
        return std::move(opened).error();
      writer_ = *std::move(opened);
    }
    return {};
  }

 private:
  std::string path_;
  std::string header_;
  std::function<void(const T&, std::string&)> format_;
  std::optional<line_writer> writer_;
  std::string lines_;
};

} // namespace weir::actors
