// What latency compares Weir with.

#include <bench/workloads/latency_systems.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <future>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <tbb/flow_graph.h>

namespace weir::bench {

namespace {

struct record_message {
  record what;
  bool last = false;
};

} // namespace

} // namespace weir::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::bench::record_message)

namespace weir::bench {

double through_caf(const load& l, arrivals& seen) {
  caf::actor_system_config config;
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  config.set("scheduler.max-threads", threads); // and otherwise as it comes
  caf::actor_system system{config};
  std::promise<void> done;
  const auto sum = system.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](const record_message& m) {
      if (keep(m.what))
        seen.add(m.what);
      if (m.last)
        done.set_value();
    }};
  });
  // The last record goes through whether it is kept or not, and sum looks again.
  const auto filter = system.spawn([sum](caf::event_based_actor* self) -> caf::behavior {
    return {[self, sum](record_message& m) {
      if (keep(m.what) || m.last)
        self->send(sum, std::move(m));
    }};
  });
  const auto map = system.spawn([filter](caf::event_based_actor* self) -> caf::behavior {
    return {[self, filter](record_message& m) {
      mix(m.what);
      self->send(filter, std::move(m));
    }};
  });
  const double pacing = pace(l, [&](std::uint64_t i, std::uint64_t due) {
    caf::anon_send(map, record_message{record_due(i, due), i + 1 == l.records});
  });
  done.get_future().wait();
  for (const auto& a : {map, filter, sum})
    caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  return pacing;
}

double through_thread(const load& l, arrivals& seen) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<record> waiting;
  bool ended = false;
  std::jthread other{[&] {
    std::vector<record> taken;
    for (bool last = false; !last;) {
      taken.clear();
      {
        std::unique_lock lock{mutex};
        changed.wait(lock, [&] { return !waiting.empty(); });
        waiting.swap(taken);
        last = ended;
      }
      for (record& r : taken) {
        mix(r);
        if (keep(r))
          seen.add(r);
      }
    }
  }};
  const double pacing = pace(l, [&](std::uint64_t i, std::uint64_t due) {
    {
      const std::lock_guard lock{mutex};
      waiting.push_back(record_due(i, due));
      ended = i + 1 == l.records;
    }
    changed.notify_one();
  });
  other.join();
  return pacing;
}

double through_tbb(const load& l, arrivals& seen) {
  namespace flow = tbb::flow;
  using filter_node = flow::multifunction_node<record, std::tuple<record>>;
  flow::graph g;
  flow::function_node<record, record> map{g, flow::serial, [](record r) {
                                            mix(r);
                                            return r;
                                          }};
  filter_node filter{g, flow::serial, [](const record& r, filter_node::output_ports_type& ports) {
                       if (keep(r))
                         std::get<0>(ports).try_put(r);
                     }};
  flow::function_node<record> sum{g, flow::serial, [&seen](const record& r) {
                                    seen.add(r);
                                    return flow::continue_msg{};
                                  }};
  flow::make_edge(map, filter);
  flow::make_edge(flow::output_port<0>(filter), sum);
  const double pacing = pace(l, [&](std::uint64_t i, std::uint64_t due) { map.try_put(record_due(i, due)); });
  g.wait_for_all();
  return pacing;
}

} // namespace weir::bench
