#include <apps/review_stream/commands/terminal.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace weir::reviews {

using namespace std::chrono_literals;

void occupy_closed_descriptors() {
  // open() takes the lowest free number. The wrong direction, so that reading and writing answer EBADF.
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) < 0)
      (void)::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void print_error(const error& why) { std::fprintf(stderr, "error: %s\n", why.message().c_str()); }

std::string with_commas(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;)
    text.insert(at -= 3, ",");
  return text;
}

std::string in_words(duration d) {
  const double s = std::chrono::duration<double>(d).count();
  char text[40];
  if (s < 1)
    std::snprintf(text, sizeof text, s < 0.01 ? "%.2f ms" : "%.0f ms", s * 1e3);
  else if (s < 60)
    std::snprintf(text, sizeof text, "%.1f s", s);
  else
    std::snprintf(text, sizeof text, "%.0f min %.0f s",
                  s / 60 - 0.5 > 0 ? static_cast<double>(static_cast<long>(s / 60)) : 0.0,
                  static_cast<double>(static_cast<long>(s) % 60));
  return text;
}

progress_line::progress_line(std::vector<std::string> stores)
    : stores_(std::move(stores)), terminal_(::isatty(STDERR_FILENO) == 1) {}

moved_reviews read_and_stored(std::span<const node_result> nodes, std::span<const std::string> stores) {
  moved_reviews all;
  bool first_store = true;
  for (const auto& n : nodes) {
    if (n.is_source)
      all.read += n.received;
    if (std::ranges::find(stores, n.id) != stores.end())
      all.stored = std::exchange(first_store, false) ? n.delivered : std::min(all.stored, n.delivered);
  }
  return all;
}

std::string progress_text(const monitor_view& seen, std::span<const std::string> stores, bool bar) {
  std::vector<node_result> nodes;
  std::uint64_t dead = 0;
  for (const auto& n : seen.now.nodes) {
    nodes.push_back(n.figures);
    dead += n.figures.dead_letters;
  }
  const workflow_rates& rates = seen.rates;
  std::string line;
  if (const auto& reading = rates.reading) {
    const double share = static_cast<double>(reading->done) / static_cast<double>(reading->total);
    if (bar) {
      const auto filled = static_cast<std::size_t>(share * 30);
      line += "[" + std::string(filled, '#') + std::string(30 - filled, '-') + "] ";
    }
    line += std::to_string(static_cast<int>(share * 100)) + " %  ";
    if (reading->eta_s && *reading->eta_s > 0 && *reading->eta_s < 1e9)
      line += "about " + in_words(duration{static_cast<duration::rep>(*reading->eta_s * 1e9)}) + " left  ";
  }
  const auto moved = read_and_stored(nodes, stores);
  line += with_commas(moved.read) + " read, " + with_commas(moved.stored) + " stored, " +
          with_commas(static_cast<std::uint64_t>(rates.records_per_s)) + " a second";
  if (rates.latency.p50.count() > 0)
    line += ", latency " + in_words(rates.latency.p50);
  if (dead > 0)
    line += ", " + with_commas(dead) + " dead letters";
  return line;
}

void progress_line::show(const monitor_view& seen, time_point now) {
  if (last_ == time_point{})
    last_ = now;
  const auto since = now - last_;
  if (seen.now.nodes.empty() || (terminal_ ? since < 100ms && shown_ : since < 5s))
    return;
  last_ = now;
  const std::string line = progress_text(seen, stores_, terminal_);
  if (terminal_)
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  else
    std::fprintf(stderr, "progress: %s\n", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void progress_line::clear() {
  if (terminal_ && shown_)
    std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

std::optional<std::string> outage_notice::next(const std::vector<node_health>& nodes, time_point now) {
  std::string news;
  for (const node_health& n : nodes) {
    seen& s = nodes_[n.id];
    if (n.state == node_state::outage) {
      if (!s.since)
        s.since = now;
      if (now - *s.since >= std::chrono::seconds{1} && !std::exchange(s.told, true))
        news += "waiting: node '" + n.id + "' cannot go on: " + n.cause + "; it is tried again and again\n";
    } else {
      s.since.reset();
      if (std::exchange(s.told, false))
        news += "node '" + n.id + "' goes on\n";
    }
  }
  return news.empty() ? std::nullopt : std::optional{news};
}

std::optional<std::string> course_notice::next(const monitor_view& seen) {
  const duration expected = expected_time(seen.now, seen.rates);
  const duration passed = expected > very_long_time ? duration{very_long_time}
                          : expected > long_time    ? duration{long_time}
                                                    : duration::zero();
  if (passed <= told_ || seen.warnings.empty())
    return std::nullopt;
  told_ = passed;
  return "note: " + seen.warnings.front() + "\n"; // the course is the first warning
}

} // namespace weir::reviews
