#pragma once

// Made-up but plausible reviews, one line of JSON after the other, without end: for demos, for load, and for
// tests that must know what was planted.
//
// The same options give the same bytes on every machine (the phrases are an option too). Mess and reviews are
// drawn apart: with another `mess` the rows that have none stay as they are. Owning thread only.

#include <apps/review_stream/synthetic/draft.hpp>
#include <apps/review_stream/synthetic/mess.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::reviews {

/// A point in time on the calendar, to the millisecond.
using calendar_time = std::chrono::sys_time<std::chrono::milliseconds>;
/// "2026-05-04T07:20:01.250Z", appended.
void append_iso_8601(std::string& to, calendar_time t);

struct generator_options {
  std::shared_ptr<const phrase_book> phrases; ///< required
  std::uint64_t seed = 1;
  /// Shares by language code; a language that is not named gets none. Empty: as many of each.
  std::vector<std::pair<std::string, std::uint32_t>> languages = {
      {"en", 60}, {"de", 15}, {"es", 15}, {"zh", 10}};
  double mess_share = 0.08; ///< of all lines, 0 to 1; each of the kinds below gets an equal part
  std::vector<mess> kinds;  ///< empty: all
  calendar_time start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}; ///< the first `ts`
  std::chrono::milliseconds interval{30'000}; ///< between two reviews on average; each waits 0 to twice that
  bool truth = false; ///< adds "truth": {"language", "sentiment", "topics", "mess"} to each line
};

/// How much of everything was made.
struct generator_counts {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;         ///< with line ends
  std::uint64_t clean = 0;         ///< lines without mess
  std::uint64_t contradictory = 0; ///< clean lines whose rating says the opposite of the text
  std::array<std::uint64_t, mess_kinds> mess{};
  std::vector<std::pair<std::string, std::uint64_t>> languages; ///< that texts are written in, as in the book

  std::uint64_t of(reviews::mess kind) const { return mess[static_cast<std::size_t>(kind)]; }
  /// Lines that are no review.
  std::uint64_t dead_letters() const;
};

class review_generator {
 public:
  /// Throws std::invalid_argument when no language has a share or one is not in the book.
  explicit review_generator(generator_options options);

  /// The next line, without its '\n'; valid until the next call.
  std::string_view next();
  /// The same, written at `ts` instead of at a time of the options.
  std::string_view next_at(calendar_time ts);

  const generator_counts& made() const noexcept { return made_; }

 private:
  struct earlier {
    std::string id;
    draft said;
  };

  std::optional<mess> choose_mess();
  void write_line(std::string_view id, calendar_time ts, std::optional<mess> kind);
  void add_string(std::string_view name, std::string_view value);
  void add_truth(std::optional<mess> kind);
  void remember(std::string_view id);
  void count(std::optional<mess> kind);

  generator_options options_;
  draft_maker maker_;
  dice chance_;      ///< what reviews say
  dice mess_chance_; ///< what is wrong with them
  std::uint32_t messy_of_million_;
  calendar_time now_;
  draft draft_;
  std::vector<earlier> earlier_; ///< the last good reviews, a ring
  std::size_t oldest_ = 0;
  std::string id_;
  std::string line_;
  generator_counts made_;
};

} // namespace weir::reviews
