// A stream in which everything fails that can: what docs/supervision.md shows, checked.

#include <weir/weir.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

// [retry-policies]
// Three attempts, 10 ms between them.
const weir::retry_policy regular = weir::fixed_backoff{.wait = 10ms, .max_attempts = 3};

// Five attempts; the waits are random, below 5, 10, 20 and 40 ms.
const weir::retry_policy spread = weir::exponential_backoff{.first = 5ms, .factor = 2, .max = 1s};

// What the service asks for; nothing = give up.
const weir::retry_policy as_told =
    weir::custom_retry{[](const weir::failed_attempt& failed) -> std::optional<weir::duration> {
      if (failed.attempts >= 4)
        return std::nullopt;
      return failed.why.what == "429 too many requests" ? weir::duration{1s} : weir::duration{20ms};
    }};
// [retry-policies]

std::atomic<bool> let_go{false};

// [failing-step]
weir::result<int> ask(const int& n, weir::worker_context& context) {
  if (n == 3 && context.attempt() < 3)
    throw std::runtime_error("503 come again"); // transient: the third attempt works
  if (n == 7)
    return weir::permanent("400 no such thing"); // a dead letter at once
  if (n == 9)
    throw std::runtime_error("500 always"); // a dead letter after its last attempt
  if (n == 11 && context.attempt() == 1) {
    while (!context.stop_requested())   // slow, but looks at its stop token: fails with kind timeout,
      std::this_thread::sleep_for(1ms); // and the worker lives on
    return weir::transient("too slow");
  }
  if (n == 13 && context.attempt() == 1)
    while (!let_go) // hangs and does not look: the thread is left behind, another takes its place
      std::this_thread::sleep_for(1ms);
  return n;
}
// [failing-step]

// [last-crash]
/// Some record breaks it. It is made anew (after_throw::rebuild), hears which record that was, and leaves it
/// out.
class fragile {
 public:
  void on_start(weir::context<int>& context) {
    if (const weir::crash_report* crash = context.last_crash())
      leave_out_ = crash->record;
  }
  weir::result<> on_record(const int& n, weir::context<int>& out) {
    if (leave_out_ == out.id())
      return weir::permanent("left out: it broke the node before");
    if (n == 20)
      throw std::logic_error("cache corrupt");
    out.emit(n);
    return {};
  }

 private:
  std::optional<weir::record_id> leave_out_;
};
// [last-crash]

/// A database that is away for its first three calls.
class store {
 public:
  explicit store(std::shared_ptr<std::vector<int>> rows) : rows_(std::move(rows)) {}
  weir::result<> write(std::span<const int> records) {
    if (++calls_ <= 3)
      return weir::transient("the database is locked");
    rows_->insert(rows_->end(), records.begin(), records.end());
    return {};
  }

 private:
  std::shared_ptr<std::vector<int>> rows_;
  int calls_ = 0;
};

weir::workflow supervised(std::vector<int> numbers, std::shared_ptr<std::vector<int>> rows) {
  // [supervised-stream]
  weir::workflow wf{"supervised"};
  wf.from("numbers", weir::from_range(std::move(numbers)))
      .map("ask", ask, {.workers = {2}, .timeout = 200ms, .grace = 100ms, .retry = spread})
      .node("fragile", fragile{}, {.retry = regular, .restart = {.on_throw = weir::after_throw::rebuild}})
      .to("store", store{std::move(rows)}); // a sink: tries without limit
  // [supervised-stream]
  return wf;
}

weir::run_result watch(const weir::workflow& wf) {
  // [health]
  weir::engine engine;
  weir::running job = engine.start(wf);
  while (!job.wait_for(100ms)) {
    if (job.ready())
      continue;
    for (const weir::node_health& node : job.health())
      if (node.state != weir::node_state::running || node.stalled)
        std::cerr << node.id << ": " << weir::to_string(node.state) << ' ' << node.cause << '\n';
  }
  return job.wait();
  // [health]
}

} // namespace

int main() {
  std::vector<int> numbers(500);
  std::iota(numbers.begin(), numbers.end(), 1);
  const auto rows = std::make_shared<std::vector<int>>();

  const weir::run_result result = watch(supervised(numbers, rows));
  let_go = true;

  std::ranges::sort(*rows);
  std::vector<int> expected = numbers;
  for (const int lost : {7, 9, 20})
    std::erase(expected, lost);
  for (const weir::dead_letter& l : result.last_dead_letters)
    std::cout << l.node << ' ' << l.payload << " after " << l.attempts << ": " << l.cause << '\n';
  const bool good = result.ok() && *rows == expected && result.dead_letters == 3 &&
                    result.node("ask").timeouts >= 2 && result.node("ask").abandoned >= 1 &&
                    result.node("fragile").restarts == 1 && result.node("store").outages >= 1;
  std::cout << weir::to_string(result.status) << ", " << rows->size() << " stored\n";
  for (const weir::node_result& n : result.nodes)
    std::cout << n.id << ": errors " << n.errors << ", retries " << n.retries << ", timeouts " << n.timeouts
              << ", restarts " << n.restarts << ", abandoned " << n.abandoned << ", outages " << n.outages
              << '\n';
  return good && as_told.valid() ? 0 : 1;
}
