#pragma once

// The conservation oracle: every record that was issued is, at the end, delivered once by every sink that it
// was meant for, or excused: dropped on purpose, or a dead letter.
//
//     weir::conservation books;
//     books.sink("store");                        // wants everything
//     books.issue(id);                            // at the source
//     books.deliver("store", id);                 // at the sink
//     books.bury(id);                             // in the dead letters
//     weir::conservation::verdict v = books.judge();
//     CHECK(v.ok());                              // v.text() says what is wrong, with ids
//
// An id is any number that tells records apart; `lane` groups those whose order must hold (a key, a source).
// Thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir {

class conservation {
 public:
  using id = std::uint64_t;

  /// A sink that must get every issued record that `wants` (default: all of them). `ordered`: within a lane
  /// in the order of issue. Before the first record.
  void sink(std::string name, bool ordered = false, std::function<bool(id)> wants = {});

  void issue(id record, std::uint64_t lane = 0);
  void deliver(std::string_view sink, id record);
  /// It went no further on purpose, or into a result: no sink needs to have it.
  void drop(id record);
  /// It became a dead letter: no sink needs to have it, and one that does has it twice (but see `shared`).
  void bury(id record);
  /// The record went more than one way, so a dead letter on one excuses nothing on another and doubles
  /// nothing.
  void bury_shared(id record);
  /// The sink may get it again: its first delivery was made in a call whose outcome nobody learned.
  void may_repeat(std::string_view sink, id record);
  /// So many may be missing: left undelivered when the run was stopped.
  void may_miss(std::uint64_t records);

  struct verdict {
    std::uint64_t issued = 0;
    std::uint64_t delivered = 0; ///< over all sinks
    std::vector<std::string> lost;
    std::vector<std::string> doubled;
    std::vector<std::string> reordered;
    std::vector<std::string> invented; ///< delivered or buried, never issued, or not meant for that sink
    bool stuck = false;                ///< the run did not end
    bool ok() const noexcept {
      return !stuck && lost.empty() && doubled.empty() && reordered.empty() && invented.empty();
    }
    /// What is wrong, a line a kind with the first few records; "all accounted for" otherwise.
    std::string text() const;
  };
  /// `ended`: the run came to its end.
  verdict judge(bool ended = true) const;

 private:
  struct record {
    std::uint64_t lane = 0;
    std::uint64_t number = 0; ///< in its lane
  };
  struct sink_book {
    bool ordered = false;
    std::function<bool(id)> wants;
    std::vector<id> delivered;
    std::unordered_set<id> may_repeat;
  };
  mutable std::mutex mutex_;
  std::map<std::string, sink_book, std::less<>> sinks_;
  std::unordered_map<id, record> issued_;
  std::unordered_map<std::uint64_t, std::uint64_t> lanes_;
  std::unordered_map<id, std::uint32_t> buried_;
  std::unordered_set<id> shared_;
  std::unordered_set<id> dropped_;
  std::uint64_t may_miss_ = 0;
};

} // namespace weir
