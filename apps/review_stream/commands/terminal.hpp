#pragma once

// What review-stream says to people while it runs: errors, progress. Everything goes to standard error.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/observe/monitor.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/supervision/health.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::reviews {

/// Occupies those of the standard descriptors that are closed, so that no file opened later takes their place
/// and receives what is printed; using them still fails. Before any file is opened.
void occupy_closed_descriptors();

/// "error: WHAT (WHERE): HOW TO FIX", and for several the rest as details below.
void print_error(const error& why);

struct moved_reviews {
  std::uint64_t read = 0;   ///< by all sources
  std::uint64_t stored = 0; ///< by every store
};
moved_reviews read_and_stored(std::span<const node_result> nodes, std::span<const std::string> stores);

/// What the bar says: how far, how long still, how many, how fast, how late. Rate, time left and latency are
/// the monitor's, so the dashboard says the same. `bar`: with one in front.
std::string progress_text(const monitor_view& seen, std::span<const std::string> stores, bool bar);

/// A progress bar on a terminal, a line every few seconds elsewhere. One thread.
class progress_line {
 public:
  /// `stores`: the sinks that count as "stored".
  explicit progress_line(std::vector<std::string> stores);
  /// Shows what the monitor last saw; draws at most ten times a second (a line every five seconds without a
  /// terminal).
  void show(const monitor_view& seen, time_point now);
  /// Removes the bar, so that other text can follow.
  void clear();

 private:
  std::vector<std::string> stores_;
  bool terminal_;
  bool shown_ = false;
  time_point last_{};
};

/// Says when the world outside is away, and when it is back. One thread.
class outage_notice {
 public:
  /// A line for each node whose outage has lasted a second, and one when it is over; nothing: no news.
  std::optional<std::string> next(const std::vector<node_health>& nodes, time_point now);

 private:
  struct seen {
    std::optional<time_point> since;
    bool told = false;
  };
  std::map<std::string, seen> nodes_;
};

/// Says, before people have waited for it, that a run will take long. One thread.
class course_notice {
 public:
  /// A line when the run is first on course to take more than 30 s, and when to take more than 5 min, with
  /// what would help; nothing: no news. A run that has got faster and is slow again is not told again.
  std::optional<std::string> next(const monitor_view& seen);

 private:
  duration told_{0}; ///< the limit that was said to be passed
};

/// "12,345".
std::string with_commas(std::uint64_t n);
/// "1.2 s", "350 ms", "2 min 5 s".
std::string in_words(duration d);

} // namespace weir::reviews
