#include <weir/observe/culprit.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

namespace weir {
namespace {

constexpr double much_failure = 0.05; // of all attempts
constexpr double much_load = 0.7;     // of the time
constexpr double much_waiting = 0.1;  // of a sender's time

bool runs(const observation& now) { return now.state == "running" || now.state == "draining"; }

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

/// "12" or "0.5": enough digits to tell, none to distract.
std::string number(double n) {
  char text[32];
  std::snprintf(text, sizeof text, n < 10 ? "%.2g" : "%.0f", n);
  return text;
}

duration of_seconds(double s) { return duration{static_cast<duration::rep>(std::min(s, 1e9) * 1e9)}; }

std::string workers_text(const node_observation& n) {
  return std::to_string(n.figures.busy_workers) + " of " + std::to_string(n.figures.workers) + " workers";
}

/// Records wait before the node: in it, on its edges, or in senders that may not send.
bool input_waits(const observation& now, const workflow_rates& rates, const node_observation& node) {
  if (node.figures.queued > 0)
    return true;
  for (const auto& e : now.edges) {
    if (e.to != node.figures.id)
      continue;
    if (e.window > 0 && e.in_flight >= e.window)
      return true;
    for (const auto& sender : rates.nodes)
      if (sender.id == e.from && sender.backpressured >= much_waiting)
        return true;
  }
  return false;
}

std::string outage_reason(const node_observation& n) {
  const auto& cause = n.health.cause;
  return n.figures.id + ": outage: " + (cause.empty() ? "all it tries fails" : cause) +
         "; it tries again by itself, nothing is lost: mend what the cause names";
}

/// ", last cause: timeout: no answer within 2 s", or nothing.
std::string last_cause(const node_observation& n) {
  const auto& last = n.health.last_failure;
  if (!last)
    return {};
  std::string text = ", last cause: ";
  if (last->kind != failure_kind::error)
    text.append(to_string(last->kind)).append(": ");
  return text + last->cause;
}

std::string stall_reason(const node_observation& n) {
  return n.figures.id + ": stalled: " + std::to_string(n.figures.queued) +
         " records wait and nothing was decided for 10 s" + last_cause(n) +
         "; a worker may hang: set a timeout, or look at what it waits for";
}

std::string failure_reason(const node_observation& n, const node_rates& r) {
  return n.figures.id + ": " + percent(r.error_ratio) + " of its attempts fail" + last_cause(n) +
         "; see the dead letters and events for the causes";
}

std::string load_reason(const node_observation& n, const node_rates& r) {
  std::string text = n.figures.id + ": " + percent(r.busy) + " busy, " + workers_text(n) + "; ";
  if (n.figures.is_sink)
    return text + "it writes " + number(r.delivered_per_s) +
           " a second; larger batches or a faster store would help";
  if (n.figures.workers < n.workers_max)
    return text + "it may grow to " + std::to_string(n.workers_max) + " by itself";
  return text + "add workers or raise max";
}

std::string source_reason(const node_observation& n, const node_rates& r) {
  std::string text = n.figures.id + ": ";
  if (r.busy > r.idle)
    return text + percent(r.busy) + " busy; it reads " + number(r.received_per_s) +
           " a second; a second source beside it would help";
  if (r.received_per_s > 0)
    return text + "the input gives no more than " + number(r.received_per_s) +
           " a second; everything behind it keeps up";
  return text + "the input gives nothing now";
}

bool has_ended(const node_rates& source) {
  return source.reading && source.reading->done >= source.reading->total;
}

} // namespace

std::vector<limit> limits_of(const observation& now, const workflow_rates& rates) {
  struct ranked {
    int rank;
    limit what;
  };
  std::vector<ranked> found;
  for (const waiting_for& w : now.waits)
    found.push_back({0, {w.node, 1, (w.node.empty() ? "" : w.node + ": ") + w.what}});
  if (!now.waits.empty() && now.state == "paused") { // for hosts: nothing else holds it back
    std::vector<limit> limits;
    for (auto& f : found)
      limits.push_back(std::move(f.what));
    return limits;
  }
  if (!runs(now) || rates.nodes.size() != now.nodes.size())
    return {};
  const auto add = [&](int rank, const node_observation& n, double score, std::string reason) {
    found.push_back({rank, {n.figures.id, std::min(1.0, score), std::move(reason)}});
  };
  bool any_step = false;
  for (std::size_t i = 0; i < now.nodes.size(); ++i) {
    const auto& n = now.nodes[i];
    const auto& r = rates.nodes[i];
    if (n.health.state == node_state::outage) {
      add(0, n, 1, outage_reason(n));
    } else if (n.health.stalled) {
      add(1, n, 1, stall_reason(n));
    } else if (!n.figures.is_source) {
      if (r.error_ratio >= much_failure)
        add(2, n, r.error_ratio, failure_reason(n, r));
      // With one worker the clock is exact; with more, some worker being busy says nothing of the others.
      const double load = n.figures.workers > 1 ? std::min(r.busy, r.saturation) : r.busy;
      if (load >= much_load && input_waits(now, rates, n)) {
        any_step = true;
        add(3, n, load, load_reason(n, r));
      }
    }
  }
  const bool any_outage = std::ranges::any_of(found, [](const auto& f) { return f.rank < 2; });
  if (!any_step && !any_outage)
    for (std::size_t i = 0; i < now.nodes.size(); ++i) {
      const auto& n = now.nodes[i];
      const auto& r = rates.nodes[i];
      const double own = r.busy + r.idle; // the rest it waits for those behind
      if (n.figures.is_source && own >= 0.5 && !has_ended(r))
        add(4, n, own, source_reason(n, r));
    }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.what.score > b.what.score;
  });
  std::vector<limit> limits;
  for (auto& f : found)
    limits.push_back(std::move(f.what));
  return limits;
}

duration expected_time(const observation& now, const workflow_rates& rates) {
  // The first second says little: caches are cold and pools small.
  if (now.state != "running" || now.up < std::chrono::seconds{1} || !rates.reading || !rates.reading->eta_s ||
      *rates.reading->eta_s <= 0)
    return duration::zero();
  return of_seconds(std::chrono::duration<double>(now.up).count() + *rates.reading->eta_s);
}

std::vector<std::string> warnings_of(const observation& now, const workflow_rates& rates,
                                     const std::vector<limit>& limits) {
  std::vector<std::string> warnings;
  if (const duration all = expected_time(now, rates); all > long_time)
    warnings.push_back("on course to take " + to_text(all) + ", more than " +
                       (all > very_long_time ? "5 min" : "30 s") + ", for its input (" +
                       to_text(of_seconds(*rates.reading->eta_s)) + " to go)" +
                       (limits.empty() ? "" : "; " + limits.front().reason));
  if (now.memory_limit > 0 && now.memory_used > now.memory_limit - now.memory_limit / 10)
    warnings.push_back(percent(static_cast<double>(now.memory_used) / static_cast<double>(now.memory_limit)) +
                       " of the memory budget is used; sources wait until it is freed: raise the budget or "
                       "take smaller tasks");
  return warnings;
}

} // namespace weir
