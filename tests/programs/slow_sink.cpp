// A sink a hundred times slower than its source, to see what that does to memory and to a drain:
//
//     slow_sink RECORDS [DRAIN_AFTER DEADLINE_MS]
//
// Prints figures as "name value" lines; exits as the run does.

#include <weir/weir.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

using namespace std::chrono_literals;

namespace {

constexpr auto source_time = 1us;
constexpr auto sink_time = 100us;

struct note {
  std::uint64_t number = 0;
  std::string text;
};

void be_busy(std::chrono::nanoseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

/// "VmRSS:" now or "VmHWM:" at its peak, in KiB.
std::uint64_t memory_kib(const std::string& what) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what))
      return std::strtoull(line.c_str() + what.size(), nullptr, 10);
  return 0;
}

class quick_source {
 public:
  explicit quick_source(std::uint64_t records) : left_(records) {}
  weir::poll_result poll(weir::emitter<note>& out, std::size_t demand) {
    for (; demand > 0 && left_ > 0; --demand, --left_) {
      be_busy(source_time);
      out({left_, std::string(200, 'x')});
    }
    return left_ == 0 ? weir::poll_result::end() : weir::poll_result::more();
  }

 private:
  std::uint64_t left_;
};

} // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int at) -> std::optional<std::uint64_t> {
    return at < argc ? std::optional{std::strtoull(argv[at], nullptr, 10)} : std::nullopt;
  };
  const std::uint64_t records = argument(1).value_or(100'000);
  const auto drain_after = argument(2);
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> rss_at_5_percent{0};

  weir::workflow wf{"slow-sink"};
  wf.from("notes", quick_source{records})
      .map("pass", [](const note& n) { return n; }, {.workers = {2}})
      .to("slow",
          [&](const note&) {
            be_busy(sink_time);
            if (++delivered == records / 20)
              rss_at_5_percent = memory_kib("VmRSS:");
          },
          {.isolation = weir::isolation::thread});

  weir::engine engine;
  weir::running job = engine.start(wf);
  if (drain_after) {
    while (delivered < *drain_after && !job.wait_for(1ms)) {
    }
    job.drain(std::chrono::milliseconds{argument(3).value_or(30'000)});
  }
  const weir::run_result end = job.wait();
  std::uint64_t undelivered = 0;
  for (const auto& u : end.undelivered)
    undelivered += u.records;
  const std::pair<const char*, std::uint64_t> figures[] = {{"received", end.node("notes").received},
                                                           {"delivered", end.node("slow").delivered},
                                                           {"undelivered", undelivered},
                                                           {"rss_at_5_percent_kib", rss_at_5_percent},
                                                           {"rss_peak_kib", memory_kib("VmHWM:")}};
  for (const auto& [name, value] : figures)
    std::printf("%s %" PRIu64 "\n", name, value);
  return end.exit_code();
}
