#include <weir/observe/run_observer.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/observe/metrics.hpp>
#include <weir/observe/view_json.hpp>

#include <pthread.h>

namespace weir {

run_observer::run_observer(running job, observer_options options)
    : job_(std::move(job)), options_(std::move(options)), thread_(signal_free_thread([this] { watch(); })) {
  pthread_setname_np(thread_.native_handle(), "weir.observer");
}

run_observer::~run_observer() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

// What breaks is seen within 2 s: by the next look, and in the next message to whoever watches.
static_assert(monitor::history_step + http_limits{}.tick <= std::chrono::seconds{2});

void run_observer::watch() {
  const steady_clock clock;
  auto next = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  do {
    lock.unlock();
    monitor_.take(job_.observe(), clock.now());
    lock.lock();
    next += monitor::history_step;
  } while (!changed_.wait_until(lock, next, [this] { return ending_; }));
}

std::pair<std::string, std::uint64_t> run_observer::stream(std::uint64_t after) {
  std::string text;
  for (const event& e : job_.events(after)) {
    after = e.number;
    text += server_sent_event(std::to_string(e.number), "log", event_json(e));
  }
  text += server_sent_event("", "workflow", workflow_json(*monitor_.view(), options_.version));
  return {std::move(text), after};
}

bool run_observer::drain_was_asked() {
  const std::lock_guard lock{mutex_};
  return std::exchange(drain_asked_, false);
}

admin_target run_observer::target() {
  const auto while_it_runs = [this](auto what) {
    return [this, what]() -> result<> {
      if (job_.ended())
        return permanent("the run has ended", "workflow", "start it again");
      what();
      return {};
    };
  };
  admin_target t;
  t.workflow_json = [this] { return workflow_json(*monitor_.view(), options_.version); };
  t.history_json = [this] { return history_json(monitor_.history()); };
  t.events_json = [this](std::uint64_t after) { return events_json(job_.events(after)); };
  t.event_stream = [this](std::uint64_t after) { return stream(after); };
  t.metrics_text = [this] {
    // Counters of this moment: Prometheus takes the time of its scrape for theirs, and a second between would
    // be an error of its rates.
    monitor_view seen = *monitor_.view();
    seen.now = job_.observe();
    return metrics_text(seen, options_.version) +
           (options_.more_metrics ? options_.more_metrics() : std::string{});
  };
  t.cluster_json = options_.cluster_json;
  if (!t.cluster_json)
    t.cluster_json = [] {
      return std::string{R"({"name":null,"hosts_wanted":0,"begun":true,"members":[]})"};
    };
  t.dead_letters_json = [this] { return dead_letters_json(job_.dead_letters()); };
  t.replay = [this](const std::vector<std::string>& ids, const std::string& node) -> result<std::string> {
    if (job_.ended())
      return permanent("the run has ended", "dead letters", "start it again with them as its input");
    return replay_json(job_.replay(ids, node));
  };
  t.tap = [this](const std::string& node, std::uint32_t per_second,
                 std::uint64_t limit) -> result<admin_target::tap_stream> {
    if (job_.ended())
      return transient("the run has ended", "node '" + node + "'", "start it again");
    auto opened = job_.tap(node, {.per_second = per_second, .limit = limit});
    if (!opened)
      return opened.error();
    return admin_target::tap_stream{[tap = std::move(*opened)]() -> std::optional<std::string> {
      std::string text;
      for (const tapped_record& r : tap->take())
        text += server_sent_event({}, "record", tapped_json(r));
      if (text.empty() && tap->ended())
        return std::nullopt;
      return text;
    }};
  };
  t.ready = [this] {
    readiness r{.ready = job_.ready(), .reasons = {}};
    for (const node_health& n : job_.health())
      if (n.state != node_state::running)
        r.reasons.push_back("node '" + n.id + "': " + std::string{to_string(n.state)});
    for (const waiting_for& w : job_.observe().waits)
      r.reasons.push_back((w.node.empty() ? "the run" : "node '" + w.node + "'") + ": " + w.what);
    if (!r.ready && r.reasons.empty())
      r.reasons.emplace_back("the run has ended");
    return r;
  };
  t.drain = while_it_runs([this] {
    {
      const std::lock_guard lock{mutex_};
      drain_asked_ = true;
    }
    job_.drain(options_.drain_timeout);
  });
  t.pause = while_it_runs([this] { job_.pause(); });
  t.resume = while_it_runs([this] { job_.resume(); });
  return t;
}

} // namespace weir
