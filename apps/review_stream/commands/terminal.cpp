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

void progress_line::show(const std::vector<node_result>& nodes, time_point now) {
  if (started_ == time_point{})
    last_ = started_ = now;
  const auto since = now - last_;
  if (terminal_ ? since < 100ms && shown_ : since < 5s)
    return;
  last_ = now;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t dead = 0;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  for (const auto& n : nodes) {
    dead += n.dead_letters;
    if (n.is_source) {
      in += n.received;
      done += n.progress_done;
      total += n.progress_total;
    }
    if (std::ranges::find(stores_, n.id) != stores_.end())
      out = out == 0 ? n.delivered : std::min(out, n.delivered);
  }
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - started_).count());
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(out) / seconds);
  std::string line;
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    if (terminal_) {
      const auto filled = static_cast<std::size_t>(share * 30);
      line += "[" + std::string(filled, '#') + std::string(30 - filled, '-') + "] ";
    }
    line += std::to_string(static_cast<int>(share * 100)) + " %  ";
    if (share > 0.01 && share < 1)
      line += "about " + in_words(duration{static_cast<duration::rep>(seconds / share * (1 - share) * 1e9)}) +
              " left  ";
  }
  line += with_commas(in) + " read, " + with_commas(out) + " stored, " + with_commas(rate) + " a second";
  if (dead > 0)
    line += ", " + with_commas(dead) + " dead letters";
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
