#pragma once

// The events of a run as lines on standard error, through spdlog.

#include <weir/base/clock.hpp>
#include <weir/observe/event_lines.hpp>
#include <weir/runtime/engine.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace weir::reviews {

/// One thread.
class event_output {
 public:
  event_output(const std::string& workflow, log_format format, log_level least);
  ~event_output();
  event_output(const event_output&) = delete;
  event_output& operator=(const event_output&) = delete;

  /// Writes what is new. `before` is called once before the first line, if there is any (a progress bar has
  /// to go).
  void show(const running& job, time_point now, const std::function<void()>& before);
  /// The rest, when the run has ended.
  void end(const running& job, time_point now);

 private:
  void write(const std::string& line);

  event_lines lines_;
  std::uint64_t seen_ = 0;
  std::unique_ptr<spdlog::logger> out_;
};

} // namespace weir::reviews
