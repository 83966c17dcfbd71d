// Everything goes wrong at once, on real threads, for as long as you like:
//
//     soak [SECONDS]        default 300
//
// Round after round: a workflow with two paths is run under faults, to its end or to a drain; the
// conservation oracle judges each round, and memory must stay flat over all. Exit 0: nothing was lost,
// doubled or reordered, no round got stuck, memory is flat. A line a round.

#include <weir/testkit/conservation.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>
#include <unistd.h>

namespace {

using namespace weir;
using namespace std::chrono_literals;
using id = std::uint64_t;
using real_clock = std::chrono::steady_clock;

constexpr id records_a_round = 40'000;
constexpr std::uint64_t keys = 64;

enum class fate { good, throws, throws_once, refused, hangs_once, hangs_for_long };

/// What a record meets on its way is a matter of its number, so that the books can be checked.
fate fate_of(id r) {
  if (r % 9'973 == 0)
    return fate::hangs_for_long;
  if (r % 1'999 == 0)
    return fate::hangs_once;
  if (r % 211 == 0)
    return fate::throws;
  if (r % 307 == 0)
    return fate::refused;
  return r % 53 == 0 ? fate::throws_once : fate::good;
}

/// Counts from 1, falls silent, and is away now and then.
class shaky_source {
 public:
  shaky_source(conservation& a, conservation& b, std::uint64_t seed) : a_(a), b_(b), random_(seed) {}
  poll_result poll(emitter<id>& out, std::size_t demand) {
    const auto dice = random_() % 1000;
    if (dice < 2)
      throw std::runtime_error("the source is away");
    if (dice < 6)
      return poll_result::idle_for(1ms * (random_() % 20));
    for (auto n = std::min<std::uint64_t>(demand, 1 + random_() % 300); n > 0; --n) {
      if (next_ > records_a_round)
        return poll_result::end();
      a_.issue(next_);
      b_.issue(next_, next_ % keys);
      out(next_++);
    }
    return poll_result::more();
  }

 private:
  conservation& a_;
  conservation& b_;
  std::minstd_rand random_;
  id next_ = 1;
};

/// Away for half a second, three times a round.
class outages {
 public:
  explicit outages(std::chrono::milliseconds first) : began_(real_clock::now()), first_(first) {}
  bool now() const {
    const auto since = real_clock::now() - began_ - first_;
    return since > 0s && since < 6s && since % 2s < 500ms;
  }

 private:
  real_clock::time_point began_;
  std::chrono::milliseconds first_;
};

struct running_sum {
  std::map<std::uint64_t, id> sums;
  std::minstd_rand random{1};
  void on_record(const id& r, context<id>& out) {
    if (random() % 997 == 0) // before it changes anything, as it may be tried again
      throw std::runtime_error("now and then");
    sums[r % keys] += r;
    out.emit(r);
  }
};

class shaky_letters final : public dead_letter_sink {
 public:
  explicit shaky_letters(conservation& a) : a_(a) {}
  result<> write(std::span<const dead_letter> letters) override {
    if (++calls_ % 7 == 0)
      return transient("the dead-letter sink is away");
    for (const auto& l : letters)
      a_.bury(std::stoull(l.payload));
    return {};
  }

 private:
  conservation& a_;
  std::atomic<int> calls_{0};
};

std::size_t resident_mib() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) >> 20U;
}

struct round_outcome {
  bool ok = false;
  std::string what;
};

round_outcome run_round(std::uint64_t seed) {
  conservation a;
  conservation b;
  a.sink("unordered");
  b.sink("by key", true);
  const outages away_a{300ms};
  const outages away_b{700ms};
  workflow w{"soak"};
  w.settings().max_dead_letters.share = 1;
  w.settings().max_abandoned_workers = 1'000'000;
  w.settings().memory_budget = std::uint64_t{4} << 20U;
  w.settings().limits.max_records = 256;
  w.dead_letters(std::make_shared<shaky_letters>(a));
  auto numbers = w.from("numbers", shaky_source{a, b, seed});
  numbers
      .map("work",
           [](const id& r, worker_context& c) -> result<id> {
             switch (fate_of(r)) {
             case fate::throws:
               throw std::runtime_error("broken");
             case fate::refused:
               return permanent("refused");
             case fate::throws_once:
               if (c.attempt() == 1)
                 throw std::runtime_error("once");
               break;
             case fate::hangs_once:
               if (c.attempt() == 1) {
                 while (!c.stop_requested())
                   std::this_thread::sleep_for(1ms);
                 return transient("stopped");
               }
               break;
             case fate::hangs_for_long: // is abandoned, and answers when nobody waits any more
               if (c.attempt() == 1)
                 std::this_thread::sleep_for(800ms);
               break;
             case fate::good:
               break;
             }
             return r;
           },
           {.workers = {2, 6},
            .timeout = 100ms,
            .grace = 50ms,
            .retry = exponential_backoff{.first = 2ms, .max = 100ms, .max_attempts = 3},
            .restart = {.max = 1'000'000, .backoff = {.first = 1ms}}})
      .to("unordered", [&a, &away_a](const id& r) -> result<> {
        if (away_a.now())
          return transient("the sink is away");
        a.deliver("unordered", r);
        return {};
      });
  numbers.key_by([](const id& r) { return r % keys; })
      .node("sum", running_sum{},
            {.workers = {3},
             .isolation = isolation::thread,
             .retry = exponential_backoff{.first = 1ms, .max_attempts = 0}})
      .key_by([](const id& r) { return r % keys; })
      .to("by key", [&b, &away_b](const id& r) -> result<> {
        if (away_b.now())
          return transient("the sink is away");
        b.deliver("by key", r);
        return {};
      });

  engine e{{.threads = 2}};
  auto job = e.start(w);
  std::minstd_rand random{static_cast<std::minstd_rand::result_type>(seed)};
  const bool drained = random() % 3 == 0;
  if (drained) {
    job.wait_for(1ms * (random() % 3000));
    job.drain(60s);
  }
  const bool ended = job.wait_for(120s);
  if (!ended)
    job.stop();
  const auto r = job.wait();
  const auto va = a.judge(ended);
  const auto vb = b.judge(ended);
  round_outcome out;
  out.ok = va.ok() && vb.ok() && (r.status == run_status::completed || r.status == run_status::drained);
  const auto& work = r.node("work");
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(),
                "%s, %llu records, %llu dead letters, %llu retries, %llu timeouts, %llu restarts, %.1f s",
                std::string{to_string(r.status)}.c_str(), static_cast<unsigned long long>(va.issued),
                static_cast<unsigned long long>(r.dead_letters),
                static_cast<unsigned long long>(work.retries), static_cast<unsigned long long>(work.timeouts),
                static_cast<unsigned long long>(work.restarts),
                std::chrono::duration<double>(r.took).count());
  out.what = line.data();
  if (!va.ok())
    out.what += "\n  unordered path: " + va.text();
  if (!vb.ok())
    out.what += "\n  path by key: " + vb.text();
  for (const auto& why : r.errors)
    out.what += "\n  error: " + why.message();
  return out;
}

} // namespace

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 300;
  const auto until = real_clock::now() + std::chrono::seconds{seconds};
  std::vector<std::size_t> memory;
  for (std::uint64_t round = 1; round == 1 || real_clock::now() < until; ++round) {
    const auto out = run_round(round);
    ::malloc_trim(0); // what was freed and not given back is no growth
    memory.push_back(resident_mib());
    std::printf("round %llu: %s, %zu MiB resident\n", static_cast<unsigned long long>(round),
                out.what.c_str(), memory.back());
    std::fflush(stdout);
    if (!out.ok) {
      std::printf("error: round %llu went wrong\n", static_cast<unsigned long long>(round));
      return 1;
    }
  }
  // Flat: the second half needs no more than the first, but for what the allocator keeps.
  const auto half = memory.begin() + static_cast<std::ptrdiff_t>(memory.size() / 2);
  const auto before = half == memory.begin() ? memory.front() : *std::max_element(memory.begin(), half);
  const auto after = *std::max_element(half, memory.end());
  std::printf("%zu rounds went well; resident at most %zu MiB in the first half, %zu MiB in the second\n",
              memory.size(), before, after);
  if (after > before + before / 4 + 8) {
    std::printf("error: memory grows\n");
    return 1;
  }
  return 0;
}
