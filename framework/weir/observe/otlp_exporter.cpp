// Invariants: spans are in the queue, in the one batch that the thread is sending, or counted as exported or
// dropped. The queue's lock is never held over a request.

#include <weir/observe/otlp_exporter.hpp>

#include <weir/base/signal_free_thread.hpp>
#include <weir/observe/otlp_json.hpp>

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <utility>

namespace weir {

using steady = std::chrono::steady_clock;

otlp_exporter::otlp_exporter(http_endpoint to, exporter_options options)
    : to_(std::move(to)), options_(std::move(options)), thread_(signal_free_thread([this] { work(); })) {
  pthread_setname_np(thread_.native_handle(), "weir.traces");
}

otlp_exporter::~otlp_exporter() { close(); }

void otlp_exporter::add(span s) noexcept {
  bool enough = false;
  {
    const std::lock_guard lock{mutex_};
    try {
      if (closing_ || waiting_.size() >= options_.queue)
        ++figures_.dropped;
      else
        waiting_.push_back(std::move(s));
    } catch (...) { // no memory: a span is the least of it
      ++figures_.dropped;
    }
    enough = waiting_.size() == 1 || waiting_.size() == options_.batch;
  }
  if (enough)
    changed_.notify_one();
}

void otlp_exporter::close() {
  const std::lock_guard one{closing_mutex_};
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{mutex_};
    closing_ = true;
    flush_until_ = steady::now() + options_.flush_time;
  }
  changed_.notify_one();
  client_.wake();
  thread_.join();
}

exporter_figures otlp_exporter::figures() const {
  const std::lock_guard lock{mutex_};
  return figures_;
}

steady::time_point otlp_exporter::end_of_flush() {
  const std::lock_guard lock{mutex_};
  return flush_until_;
}

void otlp_exporter::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    changed_.wait_for(lock, options_.linger,
                      [this] { return closing_ || waiting_.size() >= options_.batch; });
    if (waiting_.empty())
      return; // closing
    if (steady::now() >= flush_until_) {
      figures_.dropped += std::exchange(waiting_, {}).size();
      return;
    }
    const auto n = static_cast<std::ptrdiff_t>(std::min(options_.batch, waiting_.size()));
    std::vector<span> batch{std::make_move_iterator(waiting_.begin()),
                            std::make_move_iterator(waiting_.begin() + n)};
    waiting_.erase(waiting_.begin(), waiting_.begin() + n);
    lock.unlock();
    bool sent = false;
    try {
      sent = send(batch);
    } catch (const std::exception& why) { // no memory
      failed(why.what());
    }
    lock.lock();
    (sent ? figures_.exported : figures_.dropped) += batch.size();
  }
}

void otlp_exporter::failed(std::string why) {
  const std::lock_guard lock{mutex_};
  ++figures_.failures;
  figures_.last_failure = std::move(why);
}

bool otlp_exporter::send(std::vector<span>& batch) {
  const std::string body = otlp_json(batch, options_.service, options_.version);
  const auto give_up = steady::now() + options_.give_up;
  for (duration backoff = options_.first_backoff;; backoff = std::min(2 * backoff, options_.most_backoff)) {
    const auto request_end = std::min(give_up, steady::now() + options_.request_time);
    const auto answer = client_.post(to_, "/v1/traces", "application/json", body,
                                     [this, request_end] { return std::min(request_end, end_of_flush()); });
    if (answer && answer->status / 100 == 2)
      return true;
    failed(answer ? "the collector answered " + std::to_string(answer->status) : answer.error().message());
    if (answer && answer->status != 429 && answer->status / 100 != 5)
      return false; // the same again would get the same
    duration wait = backoff;
    if (answer && answer->retry_after)
      wait = std::max<duration>(wait, *answer->retry_after);
    std::unique_lock lock{mutex_};
    const auto again = steady::now() + wait;
    changed_.wait_until(lock, std::min(again, flush_until_), [&] {
      return steady::now() >= again || (closing_ && (again >= flush_until_ || again >= give_up));
    });
    const auto now = steady::now();
    if (now >= give_up || again >= give_up || now >= flush_until_ || (closing_ && again >= flush_until_))
      return false;
  }
}

std::string exporter_metrics(const exporter_figures& f) {
  return "# HELP weir_trace_spans_total Spans, by what became of them\n"
         "# TYPE weir_trace_spans_total counter\n"
         "weir_trace_spans_total{result=\"exported\"} " +
         std::to_string(f.exported) + "\nweir_trace_spans_total{result=\"dropped\"} " +
         std::to_string(f.dropped) +
         "\n# HELP weir_trace_export_failures_total Requests to the collector that failed\n"
         "# TYPE weir_trace_export_failures_total counter\n"
         "weir_trace_export_failures_total " +
         std::to_string(f.failures) + "\n";
}

} // namespace weir
