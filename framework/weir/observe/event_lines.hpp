#pragma once

// Events as lines of a log: for people as
//
//     2026-01-31T12:00:00.123Z warning restart workflow=review-stream node=analyze worker=2 cause="timeout:
//     …"
//
// or, for machines, one JSON object a line with `time`, `level`, `event`, `workflow`, `node`, `worker`,
// `cause` (and `repeated`). What repeats (same event, node and cause) is written once, and again at most
// every `quiet` with how many there were between: "… 312 more". No record's payload is ever in a line. Values
// of the text are quoted where they hold anything but letters, digits and -_.:/, control characters are
// escaped, and a cause is cut after 1,000 bytes: a line is one line. Not thread-safe.

#include <weir/base/clock.hpp>
#include <weir/base/event_log.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weir {

enum class log_format : std::uint8_t { text, json };
enum class log_level : std::uint8_t { debug, info, warning, error, off };
/// "debug", "info", "warning", "error", "off".
std::string_view to_string(log_level level) noexcept;
/// Nothing for other words; "warn" is "warning", too.
std::optional<log_level> log_level_of(std::string_view word) noexcept;

/// How loud an event is.
log_level level_of(event_kind kind) noexcept;

class event_lines {
 public:
  static constexpr duration quiet = std::chrono::seconds{10};

  event_lines(std::string workflow, log_format format, log_level least)
      : workflow_(std::move(workflow)), format_(format), least_(least) {}

  /// The lines that these events, which follow those given before, come to; `now` decides what repeats.
  std::vector<std::string> take(std::span<const event> events, time_point now);
  /// What is still untold of repeats: at the end.
  std::vector<std::string> rest();

 private:
  struct repeated {
    time_point told{};
    std::uint64_t more = 0;
    event last;
  };
  std::string line(const event& e, std::uint64_t more) const;

  std::string workflow_;
  log_format format_;
  log_level least_;
  std::map<std::tuple<event_kind, std::string, std::string>, repeated>
      seen_; ///< within `quiet`: bounded by it
};

} // namespace weir
