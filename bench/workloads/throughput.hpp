#pragma once

// A list of variants that all do the same work on the same records, each checked against the plain loop.

#include <bench/workload.hpp>
#include <bench/workloads/timed.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::bench {

using comparisons = std::vector<std::pair<std::string, std::string>>;

class throughput_variants {
 public:
  /// `loop` gives what must come out. It runs once, in the parent process, before the first variant.
  throughput_variants(std::uint64_t records, std::function<totals()> loop)
      : records_(records), loop_(std::move(loop)) {}

  void add(std::string name, comparisons beside, std::function<timed_totals()> run) {
    auto expected = expected_;
    made_.push_back({.name = std::move(name),
                     .records = records_,
                     .compared_with = std::move(beside),
                     .prepare =
                         [expected, loop = loop_] {
                           if (!*expected)
                             *expected = loop();
                         },
                     .run =
                         [expected, run = std::move(run)] {
                           const timed_totals t = run();
                           expect(t.out, expected->value());
                           return outcome{.seconds = t.seconds};
                         }});
  }
  std::vector<variant> take() { return std::move(made_); }

 private:
  std::uint64_t records_;
  std::function<totals()> loop_;
  std::shared_ptr<std::optional<totals>> expected_ = std::make_shared<std::optional<totals>>();
  std::vector<variant> made_;
};

} // namespace weir::bench
