#pragma once

// The admin listener of a run of review-stream: what its flags mean.

#include <apps/review_stream/options.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/coordinator.hpp>
#include <weir/observe/run_observer.hpp>
#include <weir/runtime/engine.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weir::reviews {

class admin_listener {
 public:
  /// Before the run starts: can it listen as the flags say? Errors name the flag. Where no flag was given, a
  /// port in use is no error: the run goes without.
  static result<admin_listener> prepare(const run_options& options);

  /// Watches the run and, if it listens, answers for it. An address that was taken since prepare() is told to
  /// the user if he asked for it; the run goes on.
  /// `more_metrics`: see observer_options.
  /// `hosts`: the cluster, if there is one; it must live as long.
  void start(const running& job, std::function<std::string()> more_metrics = {},
             const cluster::coordinator* hosts = nullptr);
  /// Reads certificate and key again: what came of it in a line, as knowledge::reload tells it; nothing where
  /// the listener has none.
  std::optional<std::string> reload_certificate();
  /// Where to look; empty when nothing listens.
  std::string url() const;
  /// True once when somebody asked over the listener for a drain.
  bool drain_was_asked() const { return seen_->drain_was_asked(); }
  /// The figures of the run, the same as those the listener shows; also where nothing listens. After start().
  std::shared_ptr<const monitor_view> figures() const { return seen_->figures().view(); }

 private:
  std::optional<admin_options> options_; ///< nothing: off
  bool demanded_ = false;                ///< by a flag
  duration drain_timeout_{0};
  // In this order: the listener asks the observer.
  std::unique_ptr<run_observer> seen_;
  std::unique_ptr<admin> listener_;
};

} // namespace weir::reviews
