#pragma once

// Where judged reviews are kept: the table `reviews` of an SQLite file, one row an id (the first wins), one
// transaction a task.

#include <actors/sqlite/sqlite_sink.hpp>
#include <apps/review_stream/review.hpp>
#include <weir/base/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::reviews {

/// The sink; `counters` tell new rows from ids that were there already.
actors::sqlite_sink<judged_review> review_store(const std::string& path,
                                                std::shared_ptr<actors::sqlite_counters> counters);

/// Checks that the file can be opened and holds (or can be given) the table. Creates it.
result<> check_review_store(const std::string& path);

struct label_count {
  std::string label;
  std::uint64_t reviews = 0;
};
/// How many reviews of each label the file holds, most first.
result<std::vector<label_count>> count_labels(const std::string& path);

} // namespace weir::reviews
