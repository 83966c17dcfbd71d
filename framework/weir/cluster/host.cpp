#include <weir/cluster/host.hpp>

#include <weir/cluster/hosted_workers.hpp>
#include <weir/cluster/network/port.hpp>
#include <weir/runtime/worker_thread.hpp>
#include <weir/supervision/watchdog.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <pthread.h>

namespace weir::cluster {

namespace {

using namespace std::chrono_literals;

constexpr duration again_after = 500ms; // the end of a run

std::uint64_t random_number() {
  std::random_device from;
  return (std::uint64_t{from()} << 32U) | from();
}

} // namespace

struct host::impl {
  impl(const cluster_options& o, const workflow& w, std::function<void(const host_news&)> t)
      : options(o), flow(w), told(std::move(t)), own(host_identity_of(o, random_number())) {}

  void begin_life() {
    run = std::make_shared<detail::run_state>(flow, time);
    hosted_workers_options o;
    o.identity = identity_of(options, flow);
    o.host = own;
    o.seeds = options.join.size();
    o.membership = options.membership;
    o.limits = options.limits;
    o.seed = random_number();
    o.most_in_hand = std::max<std::size_t>(flow.settings().memory_budget, std::size_t{1} << 20U);
    worker_floor floor;
    floor.start = [this](std::unique_ptr<detail::worker_core> core, std::shared_ptr<detail::answer_gate> to) {
      return detail::make_worker_thread(run, std::move(core), std::move(to));
    };
    floor.watch = [this](const std::shared_ptr<detail::watched_call>& call, duration timeout, duration grace,
                         std::function<void()> hung) { dog.watch(call, timeout, grace, std::move(hung)); };
    const std::lock_guard lock{mutex};
    workers = std::make_unique<hosted_workers>(run, flow, std::move(floor), std::move(o));
    workers->when_writing([e = events] { e->poke(); });
  }

  void drive() {
    bool goes_on = true;
    while (goes_on && !stop.load()) {
      const auto there = events->wait(workers->due());
      const auto now = time->now();
      for (const port_event& e : there.events)
        bring(e, now);
      if (leaving.load() && !std::exchange(leaving_said, true)) {
        if (!workers->joined())
          quietly_left = true;
        workers->leave(now);
      }
      if (now >= workers->due())
        workers->look(now);
      else
        workers->go_on(now);
      connect();
      goes_on = tell() && !worn_out();
      write();
    }
    finish();
  }
  void bring(const port_event& e, time_point now) {
    if (!port || e.link != port->link())
      return; // of a connection given up
    switch (e.what) {
    case port_event::kind::opened:
      workers->link_opened(e.link, now);
      break;
    case port_event::kind::unreachable:
      workers->unreachable(e.why.value_or(transient("cannot connect", seed)), now);
      break;
    case port_event::kind::frame:
      workers->received(e.link, e.frame, now);
      break;
    case port_event::kind::closed:
      workers->link_closed(e.link, now);
      break;
    }
    write();
  }
  void connect() {
    const auto to = workers->to_connect();
    if (!to)
      return;
    port.reset();
    seed = options.join[*to];
    if (const auto at = parse_host_port(seed))
      port = std::make_unique<connecting_port>(transport_of(options), *at, next_link++, events);
  }
  void write() {
    for (auto& w : workers->take_writes()) {
      if (!port || w.to != port->link())
        continue;
      if (!w.frame.empty())
        port->write(std::move(w.frame));
      if (w.then_close)
        port->close();
    }
  }
  void say(host_news::kind what, std::string text) {
    if (told && (what != host_news::kind::refused || text != last_refusal))
      told({what, text});
    last_refusal = what == host_news::kind::refused ? std::move(text) : std::string{};
  }
  /// False when it is over.
  bool tell() {
    bool again = false;
    for (const host_event& e : workers->take_events()) {
      const std::string why = e.why ? ": " + e.why->message() : std::string{};
      switch (e.what) {
      case host_event::kind::joined:
        say(host_news::kind::joined, "joined cluster '" + options.name + "' at " + seed + " as '" + own.name +
                                         "', incarnation " + std::to_string(e.id.incarnation));
        break;
      case host_event::kind::resumed:
        say(host_news::kind::rejoined, "connected to " + seed + " again");
        break;
      case host_event::kind::unlinked:
        say(host_news::kind::unlinked, "the connection to " + seed + " broke");
        break;
      case host_event::kind::lost:
        say(host_news::kind::lost,
            "lost the coordinator at " + seed + why + "; its workers here are stopped");
        break;
      case host_event::kind::refused:
        say(host_news::kind::refused, "not joined at " + seed + why);
        break;
      case host_event::kind::ended:
        if (e.why) {
          const std::lock_guard lock{mutex};
          failed = *e.why;
          say(host_news::kind::failed, "refused for good" + why);
          return false;
        }
        if (leaving.load()) {
          say(host_news::kind::left, quietly_left ? "ended; it was in no cluster"
                                                  : "left cluster '" + options.name + "': " + e.text);
          return false;
        }
        say(host_news::kind::over, "the coordinator at " + seed + " says: " + e.text);
        again = true;
        break;
      }
    }
    if (again) {
      write(); // its last words
      pause();
      begin_life();
      leaving_said = false;
    }
    return true;
  }
  /// The coordinator has to go first.
  void pause() {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, again_after, [this] { return stop.load() || leaving.load(); });
  }
  bool worn_out() {
    auto why = workers->worn_out();
    if (!why)
      return false;
    say(host_news::kind::failed, why->message());
    const std::lock_guard lock{mutex};
    failed = std::move(why);
    return true;
  }
  void finish() {
    port.reset();
    {
      const std::lock_guard lock{mutex};
      workers.reset();
    }
    // Threads of the author's code that return do so before the process ends; those that hang are left.
    run->threads->wait_for_all_but(run->abandoned, 2s);
    const std::lock_guard lock{mutex};
    ended = true;
    changed.notify_all();
  }

  cluster_options options;
  const workflow& flow;
  std::function<void(const host_news&)> told;
  host_identity own;
  std::shared_ptr<const clock> time = std::make_shared<steady_clock>();
  std::shared_ptr<event_queue> events = std::make_shared<event_queue>();
  std::shared_ptr<detail::run_state> run;
  detail::watchdog_thread dog{time};

  // The driver's.
  std::unique_ptr<connecting_port> port;
  link_id next_link = 1;
  std::string seed;
  std::string last_refusal;
  bool leaving_said = false;
  bool quietly_left = false;

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<hosted_workers> workers; ///< replaced by the driver under the mutex
  std::optional<error> failed;
  bool ended = false;
  std::atomic<bool> leaving{false};
  std::atomic<bool> stop{false};
  std::thread driver;
};

host::host(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}

result<std::unique_ptr<host>> host::start(const cluster_options& options, const workflow& w,
                                          std::function<void(const host_news&)> told) {
  auto mistakes = mistakes_in(options);
  if (options.join.empty())
    mistakes.push_back(permanent("nobody to join", "--cluster-join", "give the coordinator's HOST:PORT"));
  std::ranges::move(mistakes_in(placement{}, w), std::back_inserter(mistakes));
  if (!mistakes.empty())
    return mistakes.front();
  auto made = std::make_unique<impl>(options, w, std::move(told));
  made->begin_life();
  impl* const self = made.get();
  made->driver = std::thread{[self] { self->drive(); }};
  pthread_setname_np(made->driver.native_handle(), "weir.cluster");
  return std::unique_ptr<host>{new host{std::move(made)}};
}

host::~host() {
  impl_->stop = true;
  impl_->events->poke();
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->changed.notify_all();
  }
  impl_->driver.join();
}

void host::leave() {
  impl_->leaving = true;
  impl_->events->poke();
  const std::lock_guard lock{impl_->mutex};
  impl_->changed.notify_all();
}

bool host::wait_for(duration most) {
  std::unique_lock lock{impl_->mutex};
  return impl_->changed.wait_for(lock, most, [this] { return impl_->ended; });
}

std::optional<error> host::failure() const {
  const std::lock_guard lock{impl_->mutex};
  return impl_->failed;
}

host_state host::state() const {
  const std::lock_guard lock{impl_->mutex};
  host_state s{impl_->own.name};
  if (impl_->workers) {
    s.joined = impl_->workers->joined();
    const auto load = impl_->workers->workers();
    s.workers = load.workers;
    s.busy = load.busy;
  }
  return s;
}

} // namespace weir::cluster
