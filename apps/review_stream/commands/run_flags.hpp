#pragma once

// The flags of `review-stream run`, and how their words become run_options.

#include <apps/review_stream/options.hpp>

#include <CLI/App.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/flags.hpp>

#include <string>

namespace weir::reviews {

/// --model, --topic-model, --rules, --responses.
void add_knowledge_flags(CLI::App& command, run_options& options);

class run_flags {
 public:
  /// Adds the flags; the object must outlive the parsing.
  void add_to(CLI::App& run);
  /// Errors name the flag and the fix.
  result<run_options> understand() const;

 private:
  run_options options_;
  weir::cluster::cluster_flags cluster_;
  /// As they were typed.
  std::string workers_, timeout_, isolation_, drain_timeout_ = "30s", summary_ = "text", dedupe_, cache_,
                                              log_format_ = "text", log_level_;
};

} // namespace weir::reviews
