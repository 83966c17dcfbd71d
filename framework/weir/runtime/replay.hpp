#pragma once

// Dead letters that can be given back to the node that gave them up.
//
// A record on its way back is, at any time, in exactly one of: the shelf (it is a dead letter), the queue of
// its node, or the node's dispatcher. A queue closes for good when its node can take nothing more, in the
// same step in which it is seen to be empty, so a record is never left in it by a node that has ended.
//
// Thread-safe. Lock order: shelf, then queue.

#include <weir/base/clock.hpp>
#include <weir/node/dead_letter.hpp>
#include <weir/record/batch.hpp>
#include <weir/runtime/replay_result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

/// The record of a dead letter, and where it goes when it is replayed.
struct kept_record {
  batch_ptr batch; ///< null: there is none, see why_not
  std::uint32_t index = 0;
  std::uint32_t node = 0;
  std::optional<std::uint32_t> fused_port; ///< given up by the steps fused behind this port
  std::string why_not{};

  std::size_t bytes() const noexcept { return batch ? batch->bytes() : 0; }
};

/// `record` alone in a batch of its own, if its type can be copied, else where it is. A batch of its own is
/// as old as `origin`. What the author's copy constructor throws becomes why_not.
kept_record keep_record(const batch_ptr& batch, std::uint32_t index, std::uint32_t node,
                        std::optional<std::uint32_t> fused_port, time_point origin);

struct shelved_letter {
  dead_letter letter;
  kept_record record;
};

/// What waits to be taken in again by one node.
class replay_queue {
 public:
  /// False, and `l` stays, when the queue is closed.
  bool push(shelved_letter& l);
  /// One relaxed load when there is nothing.
  std::vector<shelved_letter> take();
  /// True when it was empty, and is closed now.
  bool close_if_empty();
  /// Closed, with what was in it.
  std::vector<shelved_letter> close();

 private:
  std::mutex mutex_;
  std::atomic<bool> any_{false};
  bool closed_ = false;
  std::vector<shelved_letter> waiting_;
};

/// The last dead letters of a run, with their records as long as there is room for these.
class letter_shelf {
 public:
  static constexpr std::size_t most_letters = 10'000;
  /// `record_bytes`: of all records together. Beyond it the oldest are let go, their letters stay.
  explicit letter_shelf(std::size_t record_bytes) : record_bytes_(record_bytes) {}

  void put(std::vector<shelved_letter> letters);
  std::vector<dead_letter> letters() const;
  /// Moves letters with their records into the queues of their nodes: those with one of `ids` (empty: all),
  /// of `node` (empty: any).
  replay_result replay(std::span<const std::string> ids, std::string_view node,
                       std::span<const std::unique_ptr<replay_queue>> queues);
  /// Nothing will be replayed any more.
  void drop_records(std::string_view why);

 private:
  void trim();

  mutable std::mutex mutex_;
  std::size_t record_bytes_;
  std::size_t bytes_ = 0;
  std::deque<shelved_letter> kept_;
  std::size_t without_record_ = 0; ///< so many at the front have been seen to hold none
  std::string over_;               ///< why nothing is replayed any more; empty: it may be
};

} // namespace weir::detail
