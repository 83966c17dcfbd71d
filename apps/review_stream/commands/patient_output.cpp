#include <apps/review_stream/commands/patient_output.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::reviews {

namespace {

/// Nobody will ever read from standard output again.
bool reader_has_gone() {
  pollfd asked{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLERR) != 0;
}

} // namespace

patient_output::patient_output(actors::line_writer writer, std::string path)
    : writer_(std::move(writer)), path_(std::move(path)) {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, s);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = actors::file_descriptor{::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
  struct stat status{};
  pipe_ = path_ == "-" && ::fstat(STDOUT_FILENO, &status) == 0 && !S_ISREG(status.st_mode);
}

result<patient_output> patient_output::open(const std::string& path) {
  auto writer = actors::line_writer::open(path);
  if (!writer)
    return std::move(writer).error();
  return patient_output{*std::move(writer), path};
}

void patient_output::take_signals() {
  signalfd_siginfo came{};
  while (::read(signals_.get(), &came, sizeof came) == static_cast<ssize_t>(sizeof came)) {
    if (came.ssi_signo == SIGHUP) {
      reload_ = true;
    } else {
      ++stops_;
      signal_ = static_cast<int>(came.ssi_signo);
    }
  }
}

void patient_output::look() { take_signals(); }

void patient_output::wait(time_point until) {
  const auto left = until - steady_clock{}.now();
  if (left > duration::zero()) {
    const timespec most{static_cast<time_t>(left / std::chrono::seconds{1}),
                        static_cast<long>((left % std::chrono::seconds{1}).count())};
    pollfd asked{signals_.get(), POLLIN, 0};
    ::ppoll(&asked, 1, &most, nullptr);
  }
  take_signals();
}

bool patient_output::wait_for_reader() {
  while (stops_ < 2) {
    std::array asked{pollfd{STDOUT_FILENO, POLLOUT, 0}, pollfd{signals_.get(), POLLIN, 0}};
    ::poll(asked.data(), asked.size(), -1);
    take_signals();
    if (asked[0].revents != 0)
      return true;
  }
  return false;
}

result<> patient_output::reopen_if_asked() {
  if (!std::exchange(reload_, false) || path_ == "-")
    return {};
  auto again = actors::line_writer::open(path_);
  if (!again)
    return std::move(again).error();
  writer_ = *std::move(again);
  return {};
}

result<patient_output::outcome> patient_output::write(std::string_view lines) {
  if (auto reopened = reopen_if_asked(); !reopened)
    return std::move(reopened).error();
  while (!lines.empty()) {
    if (pipe_ && !wait_for_reader())
      return outcome::stopped_at_once;
    const auto part = pipe_ ? lines.substr(0, PIPE_BUF) : lines;
    if (auto wrote = writer_.write(part); !wrote) {
      if (path_ == "-" && reader_has_gone())
        return outcome::reader_gone;
      return std::move(wrote).error();
    }
    lines.remove_prefix(part.size());
  }
  return outcome::written;
}

} // namespace weir::reviews
