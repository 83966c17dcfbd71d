#include <apps/weir/top/node_lines.hpp>

#include <apps/weir/top/table.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir::top {

std::string progress_text(const progress_view& p, std::size_t bar) {
  const double share = std::clamp(p.total > 0 ? p.done / p.total : 0.0, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar));
  std::string text;
  if (bar > 0)
    text = "[" + std::string(filled, '#') + std::string(bar - filled, '-') + "] ";
  text += percent_text(std::floor(share * 100) / 100) + " %";
  if (p.eta_s)
    text += ", about " + seconds_text(p.eta_s) + " left";
  return text;
}

std::vector<line> node_lines(const node_view& n, std::size_t width) {
  std::vector<line> out;
  out.push_back(
      make("node " + or_dash(n.id) + " (" + or_dash(n.role) + "): " + state_text(n), width, style::title));
  if (!n.cause.empty())
    out.push_back(make("cannot go on: " + printable(n.cause), width, style::bad));
  else if (n.last_failure)
    out.push_back(make("last failure (" + or_dash(n.last_failure->kind) + ", " +
                           seconds_text(n.last_failure->ago_s) + " ago): " + printable(n.last_failure->cause),
                       width, style::warning));
  out.push_back(make("received " + count_text(n.received) + " (" + count_text(n.received_per_s) +
                         "/s)   sent " + count_text(n.sent) + " (" + count_text(n.sent_per_s) +
                         "/s)   delivered " + count_text(n.delivered) + "   filtered " +
                         count_text(n.filtered),
                     width));
  out.push_back(make("errors " + count_text(n.errors) + " (" + count_text(n.errors_per_s) + "/s)   retries " +
                         count_text(n.retries) + "   timeouts " + count_text(n.timeouts) + "   restarts " +
                         count_text(n.restarts) + "   dead letters " + count_text(n.dead_letters),
                     width));
  out.push_back(make("busy " + percent_text(n.busy) + " %   idle " + percent_text(n.idle) +
                         " %   backpressured " + percent_text(n.backpressured) + " %   queue " +
                         count_text(n.queue_records) + " (" + bytes_text(n.queue_bytes) + ")",
                     width));
  std::string times = "task p50 " + ms_text(n.task_p50_ms) + " p99 " + ms_text(n.task_p99_ms) + " ms";
  if (n.latency_p50_ms)
    times += "   latency p50 " + ms_text(n.latency_p50_ms) + " p99 " + ms_text(n.latency_p99_ms) + " ms";
  out.push_back(make(std::move(times), width));
  if (n.progress)
    out.push_back(make(progress_text(*n.progress, std::min<std::size_t>(40, width / 3)), width, style::good));
  if (n.workers.empty())
    return out;
  out.push_back(make("workers: " + count_text(n.workers_busy) + " busy of " + count_text(n.workers_now) +
                         ", " + count_text(n.workers_min) + " to " + count_text(n.workers_max) + ", " +
                         count_text(n.workers_hung) + " hung",
                     width));
  out.push_back(make(right("worker", 7) + " " + left("state", 9) + " " + right("task age", 9) + " " +
                         right("restarts", 9),
                     width, style::heading));
  for (const worker_view& w : n.workers)
    out.push_back(make(right(std::to_string(w.index), 7) + " " + left(or_dash(w.state), 9) + " " +
                           right(w.state == "busy" ? seconds_text(w.task_age_s) : "-", 9) + " " +
                           right(count_text(w.restarts), 9),
                       width));
  return out;
}

} // namespace weir::top
