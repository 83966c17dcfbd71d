#pragma once

// A look at the records that a node hands on (a sink: takes), while it runs: a sample, as text.
//
//     auto tap = job.tap("parse", {.per_second = 5});
//     …
//     for (const weir::tapped_record& r : (*tap)->take()) …       // now and then
//
// A node that nobody taps pays one relaxed load a batch. Tapped, it turns at most `per_second` records a
// second into text, on its own thread. Whoever holds the tap sees records as the node had them: payloads may
// be personal; they are written to no log.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir {

struct tap_options {
  /// Records a second at most, 1 to 100. Default 10.
  std::uint32_t per_second = 10;
  /// Ends by itself after so many. 0 = never. Default 0.
  std::uint64_t limit = 0;
};

struct tapped_record {
  std::string id;
  std::string node;
  std::chrono::system_clock::time_point time{};
  std::string payload;    ///< 4 KiB at most
  bool truncated = false; ///< there was more
};

/// Taps of a run at once, at most.
inline constexpr std::size_t most_taps = 16;

/// One who looks. Its end is the end of the tap. Thread-safe.
class record_tap {
 public:
  static constexpr std::size_t most_payload = 4'096;
  virtual ~record_tap() = default;
  /// What came since it was last asked, oldest first. What it is not asked for within two seconds is dropped.
  virtual std::vector<tapped_record> take() = 0;
  /// Nothing will come any more: its limit is reached, or the run has ended.
  virtual bool ended() const = 0;
};

} // namespace weir
