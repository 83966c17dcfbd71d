// A stream of 800 records a second into a sink that takes fewer, watched from outside until SIGTERM:
//
//     throttled PORT PER_SECOND [THROWS_AT]
//
// The admin listener is on PORT. From record THROWS_AT on the step "judge" throws at every record.

#include <weir/observe/run_observer.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

struct note {
  std::uint64_t number = 0;
};

/// Says when the next of so many a second is due, from a beginning that does not move: being late once does
/// not make the rate less.
class schedule {
 public:
  explicit schedule(std::uint64_t per_second) : step_(1'000'000'000 / per_second) {}
  steady_clock::time_point next() {
    if (due_ == steady_clock::time_point{})
      due_ = steady_clock::now();
    due_ += step_;
    return due_;
  }

 private:
  std::chrono::nanoseconds step_;
  steady_clock::time_point due_{};
};

constexpr std::uint32_t batch = 8; // a jump of the counters; small beside what goes by in the 5 s of a rate

class steady_source {
 public:
  weir::poll_result poll(weir::emitter<note>& out, std::size_t demand) {
    for (std::size_t i = 0; i < std::min<std::size_t>(demand, batch); ++i)
      out({++made_});
    return weir::poll_result::idle_for(10ms); // 800 a second
  }

 private:
  std::uint64_t made_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 3)
    return 2;
  const auto number = [&](int at) { return std::strtoull(argv[at], nullptr, 10); };
  const std::uint64_t throws_at = argc > 3 ? number(3) : UINT64_MAX;
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  schedule sink{number(2)};
  weir::workflow wf{"throttled"};
  wf.settings().limits.max_records = batch;
  wf.settings().max_dead_letters.share = 1;
  wf.from("notes", steady_source{})
      .map("judge",
           [throws_at](const note& n) {
             if (n.number >= throws_at)
               throw std::runtime_error("the judge is out of his mind");
             return n;
           })
      .to("store", [&sink](const note&) { std::this_thread::sleep_until(sink.next()); },
          {.isolation = weir::isolation::thread, .batch_size = batch});

  weir::engine engine;
  weir::running job = engine.start(wf);
  weir::run_observer seen{job, {.version = "test"}};
  weir::admin_options options;
  options.http.port = static_cast<std::uint16_t>(number(1));
  weir::admin listener{options, seen.target()};
  if (const auto started = listener.start(); !started)
    return 1;
  std::fputs("watch it\n", stderr);
  int signal = 0;
  sigwait(&ends, &signal);
  job.drain(10s);
  return job.wait().exit_code();
}
