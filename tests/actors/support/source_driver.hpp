#pragma once

// Runs a source as an engine does, without one: polls it, keeps what it emits and rejects.

#include <weir/node/concepts.hpp>
#include <weir/node/source.hpp>
#include <weir/record/output.hpp>

#include <cstddef>
#include <utility>
#include <vector>

#include <poll.h>

namespace weir::test {

template <source_class S>
class source_driver {
 public:
  using record = source_record<S>;

  explicit source_driver(S source) : source_(std::move(source)), out_(0, batch_limits{}, nullptr) {}

  poll_result poll(std::size_t demand) {
    out_.begin_poll(time_point{}, static_cast<std::uint32_t>(demand));
    emitter<record> emit{out_};
    const poll_result answer = source_.poll(emit, demand);
    for (const auto& batch : out_.take(true))
      records.insert(records.end(), batch->template as<record>(),
                     batch->template as<record>() + batch->size());
    for (auto& one : out_.take_rejected())
      rejected.push_back(std::move(one));
    return answer;
  }

  /// Polls until the end. False when the source waits for a descriptor that stays silent for 10 s, or fails.
  bool run_to_end(std::size_t demand = 1000) {
    for (;;) {
      const poll_result answer = poll(demand);
      if (answer.what() == poll_result::state::end)
        return true;
      if (answer.what() == poll_result::state::failed)
        return false;
      if (answer.what() == poll_result::state::idle) {
        pollfd asked{answer.descriptor(), POLLIN, 0};
        if (::poll(&asked, 1, 10'000) <= 0)
          return false;
      }
    }
  }

  S& source() noexcept { return source_; }

  std::vector<record> records;
  std::vector<detail::rejected_input> rejected;

 private:
  S source_;
  detail::source_output<record> out_;
};

} // namespace weir::test
