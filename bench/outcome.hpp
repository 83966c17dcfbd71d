#pragma once

// What one run of a variant tells about itself, and how that crosses the pipe from the process that ran it.
//
// A variant need not tell anything: the harness times the whole call. It tells `seconds` where set-up
// (threads started, buffers filled) is no part of the question, and `figures` where the answer is no rate:
// latencies, growth of memory, counts.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::bench {

struct outcome {
  /// The timed part. Default: the whole call.
  std::optional<double> seconds{};
  /// By name, with the unit as ending: p50_us, p99_us, rss_growth_mib. Names are letters, digits, `_` and
  /// `-`.
  std::map<std::string, double> figures{};
  /// Records done, where that is known only afterwards. Default: variant::records.
  std::optional<std::uint64_t> records{};

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Lines of "seconds 1.5", "records 1000" and "figure p50_us 12.25"; throws std::invalid_argument for a name
/// or a number that cannot be told.
std::string to_text(const outcome& o);
/// Throws std::invalid_argument that names the line at fault.
outcome parse_outcome(std::string_view text);

/// The code of a variant: a callable that returns an outcome, or nothing.
class work {
 public:
  work() = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, work> && std::is_invocable_v<F&>)
  work(F f) // NOLINT(google-explicit-constructor): a lambda is meant to be given as it is
      : run_([f = std::move(f)]() mutable -> outcome {
          if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
            f();
            return {};
          } else {
            return f();
          }
        }) {}

  outcome operator()() const { return run_(); }

 private:
  std::function<outcome()> run_;
};

} // namespace weir::bench
