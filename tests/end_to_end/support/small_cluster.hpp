#pragma once

// A coordinator of review-stream and its hosts, as processes on this machine.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace weir::test {

class small_cluster {
 public:
  /// Writes `reviews` made-up ones into `in.jsonl`.
  explicit small_cluster(std::size_t reviews = 4000);

  /// The results of a run without a cluster, to compare with.
  const std::string& expected();
  /// `run` as coordinator: results in `a.db`, its admin listener and its port for hosts on free ports.
  process& start_coordinator(const std::vector<std::string>& more = {});
  process& coordinator() const { return *coordinator_; }
  /// A host, by name.
  process& start_host(const std::string& name, const std::vector<std::string>& more = {});
  /// The coordinator's end.
  finished finish();
  /// The tables of results as one text.
  std::string results() const;

  /// Waits until so many reviews are stored; false when the coordinator ended before.
  bool has_stored(std::int64_t reviews);
  /// The answer of GET /api/v1/cluster, and of its members the one of that name; empty where there is none.
  boost::json::object status() const;
  boost::json::object member(std::string_view name) const;
  /// Waits until a member of the name is in that state ("" = is gone).
  bool becomes(std::string_view name, std::string_view state);

  std::string address() const { return "127.0.0.1:" + std::to_string(port); }
  const temporary_folder& folder() const { return folder_; }
  std::uint16_t port;  ///< for hosts
  std::uint16_t admin; ///< of the coordinator

 private:
  temporary_folder folder_;
  std::string expected_;
  std::unique_ptr<process> coordinator_;
  std::vector<std::unique_ptr<process>> hosts_;
};

/// What one process makes of the folder's `in.jsonl`, as tables_of tells it.
std::string results_alone(const temporary_folder& folder);
/// reviews, product_windows and alerts, in order of their keys.
std::string tables_of(const std::filesystem::path& database);

} // namespace weir::test
