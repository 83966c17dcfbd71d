#include <weir/cluster/coordinator.hpp>

#include <weir/cluster/network/port.hpp>
#include <weir/cluster/remote_workers.hpp>
#include <weir/cluster/status.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include <pthread.h>

namespace weir::cluster {

namespace {

using namespace std::chrono_literals;

constexpr duration farewell = 5s; // for hosts to hear how it ended

std::uint64_t random_number() {
  std::random_device from;
  return (std::uint64_t{from()} << 32U) | from();
}

} // namespace

struct coordinator::impl {
  impl(const cluster_options& o, const weir::workflow& w) : options(o), workflow(w.name()) {}

  /// The driver: one thread, so that a session's calls are one at a time.
  void drive() {
    time_point next_look = time->now();
    while (!stop.load()) {
      const auto there = events->wait(next_look);
      const auto now = time->now();
      for (const port_event& e : there.events)
        bring(e, now);
      if (now >= next_look) {
        workers->look(now);
        next_look = later(now, options.membership.heartbeat_every);
      } else if (there.poked) {
        workers->go_on(now);
      }
      write();
      begin_if_enough();
      if (over.load() && open.empty())
        break;
    }
  }
  void bring(const port_event& e, time_point now) {
    switch (e.what) {
    case port_event::kind::opened:
      open.insert(e.link);
      workers->link_opened(e.link, now);
      break;
    case port_event::kind::frame:
      workers->received(e.link, e.frame, now);
      break;
    case port_event::kind::closed:
      open.erase(e.link);
      workers->link_closed(e.link, now);
      break;
    case port_event::kind::unreachable:
      break;
    }
    write(); // what is answered goes out before the next is read
  }
  void write() {
    for (auto& w : workers->take_writes()) {
      if (!w.frame.empty())
        network->write(w.to, std::move(w.frame));
      if (w.then_close) {
        network->close(w.to);
        if (!over.load()) // at the end each host is to read how it ended
          open.erase(w.to);
      }
    }
    workers->take_events(); // the run's event log has them
    const std::lock_guard lock{mutex};
    links = open.size();
    if (links == 0)
      no_links.notify_all();
  }
  void begin_if_enough() {
    std::optional<running> begin;
    {
      const std::lock_guard lock{mutex};
      if (waiting && workers->enough())
        begin = std::exchange(waiting, std::nullopt);
    }
    if (begin)
      begin->resume();
  }

  cluster_options options;
  std::string workflow;
  std::shared_ptr<const clock> time = std::make_shared<steady_clock>();
  std::shared_ptr<event_queue> events = std::make_shared<event_queue>();
  std::shared_ptr<remote_workers> workers;
  std::unique_ptr<listening_port> network;
  std::set<link_id> open; ///< the driver's
  std::atomic<bool> over{false};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable no_links;
  std::size_t links = 0;          ///< under the mutex, as far as the driver has come
  std::optional<running> waiting; ///< under the mutex: until there are enough hosts
  std::mutex closing;
  std::thread driver;
};

coordinator::coordinator(std::unique_ptr<impl> impl) : impl_(std::move(impl)) {}
coordinator::~coordinator() { close("the coordinator ends"); }

result<std::unique_ptr<coordinator>> coordinator::open(const cluster_options& options, const workflow& w,
                                                       std::vector<error>* all) {
  auto mistakes = mistakes_in(options);
  if (options.listen.empty())
    mistakes.push_back(permanent("no address to listen on", "--cluster-listen", "give HOST:PORT"));
  std::ranges::move(mistakes_in(options.placement, w), std::back_inserter(mistakes));
  if (mistakes.empty() &&
      std::ranges::none_of(w.nodes(), [](const auto& n) { return detail::may_spread(n.definition); }))
    mistakes.push_back(permanent("no node of this workflow can run on other hosts",
                                 "workflow '" + w.name() + "'",
                                 "give pools that keep no state more workers than one"));
  if (!mistakes.empty()) {
    error first = mistakes.front();
    if (all != nullptr)
      *all = std::move(mistakes);
    return first;
  }
  auto made = std::make_unique<impl>(options, w);
  made->workers = std::make_shared<remote_workers>(
      w, options.placement,
      remote_workers_options{identity_of(options, w), options.membership, options.limits, random_number(),
                             options.min_hosts, options.compress});
  made->workers->when_writing([events = made->events] { events->poke(); });
  auto network = listening_port::open(transport_of(options), made->events);
  if (!network)
    return network.error();
  made->network = std::move(*network);
  impl* const self = made.get();
  made->driver = std::thread{[self] { self->drive(); }};
  pthread_setname_np(made->driver.native_handle(), "weir.cluster");
  return std::unique_ptr<coordinator>{new coordinator{std::move(made)}};
}

running coordinator::start(engine& on, const workflow& w) {
  const bool wait = impl_->options.min_hosts > 0;
  running job = on.start(w, {.elsewhere = impl_->workers, .paused = wait});
  if (wait) {
    const std::lock_guard lock{impl_->mutex};
    impl_->waiting = job;
  }
  impl_->events->poke();
  return job;
}

void coordinator::close(const std::string& why) {
  const std::lock_guard lock{impl_->closing};
  if (!impl_->driver.joinable())
    return;
  impl_->over =
      true; // first: the driver may write the last frames at once, and is to wait for who reads them
  impl_->workers->end(why);
  impl_->events->poke();
  {
    std::unique_lock lock{impl_->mutex};
    impl_->no_links.wait_for(lock, farewell, [this] { return impl_->links == 0; });
  }
  impl_->stop = true;
  impl_->events->poke();
  impl_->driver.join();
  impl_->network.reset();
  const std::lock_guard waiting{impl_->mutex};
  impl_->waiting.reset();
}

std::uint16_t coordinator::port() const noexcept { return impl_->network ? impl_->network->port() : 0; }
bool coordinator::drain(const std::string& host) {
  const bool there = impl_->workers->drain(host);
  impl_->events->poke();
  return there;
}
result<> coordinator::reload_certificates() {
  const std::lock_guard lock{impl_->closing};
  if (!impl_->network)
    return permanent("it listens no more", "cluster");
  return impl_->network->reload_certificates();
}

std::string coordinator::json() const {
  return cluster_json(
      {impl_->options.name, impl_->options.min_hosts, impl_->workers->enough(), impl_->workers->members()},
      impl_->time->now());
}
std::string coordinator::metrics() const {
  return cluster_metrics(impl_->workflow, impl_->workers->members(), impl_->workers->bytes_sent_received());
}

} // namespace weir::cluster
