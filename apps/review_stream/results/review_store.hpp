#pragma once

// Where judged reviews are kept: the tables of an SQLite file.
//
//   reviews          a row a review, key `id`: of repeated ids the first wins
//   alerts           a row a review of high urgency, written in the same transaction
//   product_windows  a row a product and time span: the summary of a run (upserted: a run may be repeated)
//   dead_letters     see actors/sqlite/sqlite_dead_letters.hpp
//
// Topics and lists of reasons are JSON texts: SQLite's json_each() takes them apart.

#include <actors/sqlite/sqlite_sink.hpp>
#include <apps/review_stream/review.hpp>
#include <apps/review_stream/summary/product_summary.hpp>
#include <weir/base/result.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::reviews {

/// The sink of `reviews`, and with it `alerts`; `counters` tell new rows from ids that were there already.
/// One transaction a task.
actors::sqlite_sink<judged_review> review_store(const std::string& path,
                                                std::shared_ptr<actors::sqlite_counters> counters);

/// The sink of `product_windows`.
actors::sqlite_sink<product_summary> product_store(const std::string& path);

/// Checks that the file can be opened and holds (or can be given) the tables. Creates it.
result<> check_review_store(const std::string& path);

struct label_count {
  std::string label;
  std::uint64_t reviews = 0;
};
/// How many reviews of each label the file holds, most first.
result<std::vector<label_count>> count_labels(const std::string& path);

} // namespace weir::reviews
