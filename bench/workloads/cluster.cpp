#include <bench/workloads/cluster.hpp>

#include <bench/workloads/forked_hosts.hpp>
#include <bench/workloads/weir_streams.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::bench {

namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

// ---- records a second by size

struct sized {
  std::uint64_t key = 0;
  std::string payload;
};
BOOST_DESCRIBE_STRUCT(sized, (), (key, payload))

class sized_source {
 public:
  sized_source(std::uint64_t records, std::size_t bytes)
      : left_(records), payload_(bytes - sizeof(sized::key), 'x') {}
  poll_result poll(emitter<sized>& out, std::size_t demand) {
    for (auto n = std::min<std::uint64_t>(demand, left_); n > 0; --n, --left_)
      out(sized{left_, payload_});
    return left_ == 0 ? poll_result::end() : poll_result::more();
  }

 private:
  std::uint64_t left_;
  std::string payload_;
};

outcome there_and_back(std::uint64_t records, std::size_t bytes, std::uint32_t hosts) {
  const auto watch = std::make_shared<std::optional<stopwatch>>();
  std::uint64_t count = 0;
  std::uint64_t keys = 0;
  workflow w{"there and back"};
  node_options work;
  work.workers = {2};
  work.isolation = isolation::thread;
  w.from("source", timed_source<sized, sized_source>{{records, bytes}, watch})
      .map(
          "work", [](const sized& r) { return sized{r.key + 1, r.payload}; }, work)
      .to("sum", [&](const sized& r) {
        ++count;
        keys += r.key;
      });
  if (hosts > 0)
    run_spread(w, {.hosts = hosts, .per_host = 2});
  else
    run_timed(w, 2);
  if (count != records || keys != records * (records + 3) / 2)
    throw std::runtime_error("other records came back than were sent");
  outcome o{.seconds = watch->value().seconds()};
  o.figures["mb_per_s"] = static_cast<double>(records * bytes) / *o.seconds / 1e6;
  return o;
}

// ---- a host is gone

struct timed_record {
  std::uint64_t key = 0;
  std::int64_t made_ns = 0;
};
BOOST_DESCRIBE_STRUCT(timed_record, (), (key, made_ns))

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_type::now().time_since_epoch()).count();
}

/// As fast as they are taken, until it is told to end.
class endless_source {
 public:
  endless_source(std::shared_ptr<std::atomic<bool>> end, std::shared_ptr<std::uint64_t> made)
      : end_(std::move(end)), made_(std::move(made)) {}
  poll_result poll(emitter<timed_record>& out, std::size_t demand) {
    if (*end_)
      return poll_result::end();
    for (auto n = demand; n > 0; --n)
      out(timed_record{(*made_)++, now_ns()});
    return poll_result::more();
  }

 private:
  std::shared_ptr<std::atomic<bool>> end_;
  std::shared_ptr<std::uint64_t> made_;
};

/// Two hosts of eight workers that each take a millisecond a record; after a while one gets the signal. How
/// long the other one's full rate is not reached, and how long the slowest record took.
outcome loss_of_host(int signal, std::chrono::milliseconds steady) {
  constexpr std::uint32_t workers = 8;
  constexpr auto window = 200ms;
  const auto end = std::make_shared<std::atomic<bool>>(false);
  const auto made = std::make_shared<std::uint64_t>(0);
  std::vector<std::int64_t> delivered; // when, ns
  std::vector<std::uint8_t> times;     // how often each
  std::int64_t slowest = 0;
  workflow w{"loss of a host"};
  w.settings().limits.max_records = 64; // what waits for a worker is no part of the question
  w.from("source", endless_source{end, made})
      .map("work",
           [](const timed_record& r) {
             std::this_thread::sleep_for(1ms);
             return r;
           },
           {.workers = {workers}})
      .to("sum", [&](const timed_record& r) {
        const auto now = now_ns();
        delivered.push_back(now);
        if (times.size() <= r.key)
          times.resize(2 * r.key + 1);
        ++times[r.key];
        slowest = std::max(slowest, now - r.made_ns);
      });
  std::int64_t lost_at = 0;
  std::int64_t ended_at = 0;
  run_spread(w,
             {.hosts = 2, .per_host = workers, .meanwhile = [&](const forked_hosts& hosts, const running&) {
                std::this_thread::sleep_for(steady);
                lost_at = now_ns();
                hosts.send_signal(0, signal);
                std::this_thread::sleep_for(5s + steady);
                ended_at = now_ns();
                *end = true;
              }});
  const auto count = [&](std::int64_t from, std::int64_t to) {
    return std::lower_bound(delivered.begin(), delivered.end(), to) -
           std::lower_bound(delivered.begin(), delivered.end(), from);
  };
  const auto as_ns = [](auto d) { return std::chrono::nanoseconds{d}.count(); };
  const auto rate = [&](std::int64_t from, std::int64_t to) {
    return static_cast<double>(count(from, to)) / (static_cast<double>(to - from) / 1e9);
  };
  const double before = rate(lost_at - as_ns(steady) / 2, lost_at);
  const double rest = rate(ended_at - as_ns(steady) / 2, ended_at);
  double full_after = 0;
  for (auto from = lost_at; from + as_ns(window) < ended_at; from += as_ns(20ms))
    if (rate(from, from + as_ns(window)) < 0.9 * rest)
      full_after = static_cast<double>(from + as_ns(window) - lost_at) / 1e9;
  outcome o;
  o.records = *made;
  o.figures["before_per_s"] = before;
  o.figures["rest_per_s"] = rest;
  o.figures["full_after_s"] = full_after;
  o.figures["slowest_record_s"] = static_cast<double>(slowest) / 1e9;
  times.resize(*made);
  o.figures["lost"] = static_cast<double>(std::ranges::count(times, 0));
  o.figures["doubled"] = static_cast<double>(std::ranges::count_if(times, [](auto n) { return n > 1; }));
  if (o.figures["lost"] + o.figures["doubled"] > 0)
    throw std::runtime_error("records were lost or doubled");
  return o;
}

} // namespace

std::vector<variant> cluster_variants(const sizes& of) {
  std::vector<variant> made;
  const std::pair<const char*, std::size_t> all[]{
      {"64b", 64}, {"1kib", 1'024}, {"16kib", 16'384}, {"256kib", 262'144}};
  for (const auto& [name, bytes] : all) {
    const std::uint64_t records =
        of.records(std::clamp<std::uint64_t>((std::uint64_t{512} << 20U) / bytes, 2'000, 1'000'000));
    const auto add = [&, bytes = bytes](const std::string& how, std::uint32_t hosts) {
      variant v{.name = how + "-" + name, .records = records};
      if (hosts > 0)
        v.compared_with = {{"threads", std::string{"threads-"} + name}};
      v.run = [records, bytes, hosts] { return there_and_back(records, bytes, hosts); };
      made.push_back(std::move(v));
    };
    add("host", 1);
    add("threads", 0);
  }
  const auto steady = of.quick ? 500ms : 2'000ms;
  made.push_back({.name = "host-killed", .run = [steady] { return loss_of_host(SIGKILL, steady); }});
  made.push_back({.name = "host-stopped", .run = [steady] { return loss_of_host(SIGSTOP, steady); }});
  return made;
}

} // namespace weir::bench
