#include <weir/runtime/process/nursery.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::detail {

namespace {

/// To the nursery. A `make` brings the child's socket, page and status pipe.
struct control_order {
  enum class what : std::uint32_t { make, kill, end };
  what kind = what::make;
  std::int32_t nice = 0;
  std::uint64_t child = 0;
  std::uint64_t memory = 0;
  std::uint64_t open_files = 0;
};
constexpr std::size_t descriptors = 3;

error system_error_of(const char* what, int why) {
  return transient(std::string{what} + ": " + std::strerror(why), "worker processes");
}

/// Of this process now: private writable memory, in bytes, as RLIMIT_DATA counts it.
std::uint64_t data_bytes() {
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  std::uint64_t text = 0;
  std::uint64_t lib = 0;
  std::uint64_t data = 0;
  if (std::FILE* const f = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(f, "%lu %lu %lu %lu %lu %lu", &size, &resident, &shared, &text, &lib, &data) != 6)
      data = 0;
    std::fclose(f);
  }
  return data * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

child_page* own_page = nullptr; // of a worker process

[[noreturn]] void no_memory() {
  own_page->out_of_memory.store(true);
  ::_exit(EXIT_FAILURE);
}

[[noreturn]] void be_child(const control_order& order, const std::array<int, descriptors>& given,
                           pid_t nursery, const process_nursery::serve_call& serve) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != nursery)
    ::_exit(EXIT_FAILURE); // it ended between fork and prctl
  own_page = child_page_at(given[1]);
  if (own_page == nullptr)
    ::_exit(EXIT_FAILURE);
  // The socket is descriptor 3; the nursery's own, and those of others, are above.
  const int socket = 3;
  if (given[0] != socket && ::dup2(given[0], socket) < 0)
    ::_exit(EXIT_FAILURE);
  ::close_range(static_cast<unsigned>(socket) + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (order.nice != 0)
    ::setpriority(PRIO_PROCESS, 0, order.nice);
  const auto limit = [](auto which, std::uint64_t most) {
    const rlimit r{most, most};
    ::setrlimit(which, &r);
  };
  if (order.open_files > 0)
    limit(RLIMIT_NOFILE, order.open_files);
  if (order.memory > 0) {
    limit(RLIMIT_DATA, data_bytes() + order.memory);
    std::set_new_handler(no_memory);
  }
  int code = EXIT_FAILURE;
  try {
    code = serve(socket, *own_page);
  } catch (...) { // user code is caught within; the socket's end tells the rest
  }
  std::fflush(nullptr);
  ::_exit(code);
}

/// The nursery's process.
class keeper {
 public:
  keeper(int control, process_nursery::serve_call serve) : control_(control), serve_(std::move(serve)) {}

  [[noreturn]] void run() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_SETMASK, &child, nullptr);
    const int children = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    for (;;) {
      std::array<pollfd, 2> watched{{{control_, POLLIN, 0}, {children, POLLIN, 0}}};
      if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
        break;
      if (watched[1].revents != 0) {
        signalfd_siginfo seen{};
        while (::read(children, &seen, sizeof seen) > 0) {
        }
        reap();
      }
      if (watched[0].revents != 0 && !obey())
        break;
    }
    // The run is over, or gone: the kernel kills what is left as this process ends.
    ::_exit(EXIT_SUCCESS);
  }

 private:
  struct kept {
    std::uint64_t id;
    int status;
    bool let_go = false;
  };

  /// Descriptors are closed a moment before a process has ended.
  static bool ends(pid_t pid) {
    for (int looks = 0; looks < 50; ++looks) {
      siginfo_t seen{};
      if (::waitid(P_PID, static_cast<id_t>(pid), &seen, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          seen.si_pid != 0)
        return true;
      ::usleep(1'000);
    }
    return false;
  }

  /// False: nobody gives orders any more.
  bool obey() {
    control_order order;
    iovec part{&order, sizeof order};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * descriptors)> extra{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = extra.data();
    message.msg_controllen = extra.size();
    const auto got = ::recvmsg(control_, &message, MSG_CMSG_CLOEXEC);
    if (got < 0)
      return errno == EINTR || errno == EAGAIN;
    if (got != sizeof order)
      return false;
    if (order.kind != control_order::what::make) {
      for (auto& [pid, k] : kept_)
        if (k.id == order.child) {
          k.let_go = order.kind == control_order::what::end && !ends(pid);
          if (k.let_go || order.kind == control_order::what::kill)
            ::kill(pid, SIGKILL); // it has not been reaped: the number is its own
        }
      return true;
    }
    std::array<int, descriptors> given{-1, -1, -1};
    if (const cmsghdr* const c = CMSG_FIRSTHDR(&message); c != nullptr && c->cmsg_type == SCM_RIGHTS)
      std::memcpy(given.data(), CMSG_DATA(c), sizeof given);
    const pid_t own = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0)
      be_child(order, given, own, serve_);
    if (pid < 0)
      tell(given[2], {.status = 0, .failed = errno, .let_go = false});
    else
      kept_[pid] = {order.child, given[2], false};
    ::close(given[0]);
    ::close(given[1]);
    return true;
  }

  void reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
      if (const auto found = kept_.find(pid); found != kept_.end()) {
        tell(found->second.status, {.status = status, .failed = 0, .let_go = found->second.let_go});
        kept_.erase(found);
      }
  }

  static void tell(int pipe, child_end end) {
    if (::write(pipe, &end, sizeof end) < 0) {
      // Nobody wants to know.
    }
    ::close(pipe);
  }

  int control_;
  process_nursery::serve_call serve_;
  std::map<pid_t, kept> kept_;
};

[[noreturn]] void be_nursery(int control, process_nursery::serve_call serve) {
  for (const int shared : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    std::signal(shared, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  const int own = 3;
  if (control != own && ::dup2(control, own) < 0)
    ::_exit(EXIT_FAILURE);
  ::close_range(static_cast<unsigned>(own) + 1, ~0U, 0);
  ::fcntl(own, F_SETFD, FD_CLOEXEC);
  if (const int null = ::open("/dev/null", O_RDONLY); null >= 0) {
    ::dup2(null, STDIN_FILENO);
    if (null > STDERR_FILENO)
      ::close(null);
  }
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::prctl(PR_SET_NAME, "weir.nursery");
  keeper{own, std::move(serve)}.run();
}

} // namespace

result<std::shared_ptr<process_nursery>> process_nursery::start(serve_call serve) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_error_of("no socket pair", errno);
  owned_descriptor control{ends[0]};
  const owned_descriptor theirs{ends[1]};
  std::fflush(nullptr); // what is buffered would be written twice
  const pid_t pid = ::fork();
  if (pid < 0)
    return system_error_of("fork failed", errno);
  if (pid == 0)
    be_nursery(theirs.get(), std::move(serve));
  owned_descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  return std::shared_ptr<process_nursery>{new process_nursery{pid, std::move(handle), std::move(control)}};
}

process_nursery::~process_nursery() {
  // Killed rather than asked: it holds nothing, and one that somebody has stopped would never hear.
  ::syscall(SYS_pidfd_send_signal, handle_.get(), SIGKILL, nullptr, 0); // glibc 2.36 has it for C only
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

result<process_nursery::child> process_nursery::make(const shared_page& page, const process_options& limits) {
  std::array<int, 2> pair{};
  std::array<int, 2> pipe{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return system_error_of("no socket pair", errno);
  child made;
  made.socket = owned_descriptor{pair[0]};
  const owned_descriptor socket{pair[1]};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return system_error_of("no pipe", errno);
  made.status = owned_descriptor{pipe[0]};
  const owned_descriptor status{pipe[1]};
  ::fcntl(made.socket.get(), F_SETFL, O_NONBLOCK);
  for (const int end : {made.socket.get(), socket.get()}) // a task, and its answer, in one go where allowed
    for (const int way : {SO_SNDBUF, SO_RCVBUF}) {
      const int bytes = 1 << 20;
      ::setsockopt(end, SOL_SOCKET, way, &bytes, sizeof bytes);
    }

  const std::lock_guard lock{mutex_};
  made.id = next_++;
  control_order order{.kind = control_order::what::make,
                      .nice = limits.nice,
                      .child = made.id,
                      .memory = limits.memory,
                      .open_files = limits.open_files};
  iovec part{&order, sizeof order};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * descriptors)> extra{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = extra.data();
  message.msg_controllen = extra.size();
  cmsghdr* const c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int) * descriptors);
  const std::array<int, descriptors> given{socket.get(), page.descriptor(), status.get()};
  std::memcpy(CMSG_DATA(c), given.data(), sizeof given);
  if (::sendmsg(control_.get(), &message, MSG_NOSIGNAL) != sizeof order)
    return permanent(std::string{"the process that makes worker processes is gone: "} + std::strerror(errno),
                     "process " + std::to_string(process_), "start the run again");
  return made;
}

void process_nursery::order(std::uint32_t what, std::uint64_t child) {
  const control_order order{.kind = static_cast<control_order::what>(what),
                            .nice = 0,
                            .child = child,
                            .memory = 0,
                            .open_files = 0};
  const std::lock_guard lock{mutex_};
  if (::send(control_.get(), &order, sizeof order, MSG_NOSIGNAL) < 0) {
    // It is gone, and with it the child.
  }
}

void process_nursery::kill(std::uint64_t child) {
  order(static_cast<std::uint32_t>(control_order::what::kill), child);
}
void process_nursery::end(std::uint64_t child) {
  order(static_cast<std::uint32_t>(control_order::what::end), child);
}

error words_of(const child_end& end, bool out_of_memory, const process_options& limits) {
  if (end.failed != 0)
    return transient(std::string{"no worker process could be made: "} + std::strerror(end.failed), {},
                     "allow more processes or memory, or use fewer workers");
  if (out_of_memory)
    return transient("ran out of memory (limit " + std::to_string(limits.memory >> 20U) + " MiB)", {},
                     "raise process.memory, or find what takes it");
  if (end.let_go)
    return transient("closed the descriptor that connects it with the run", {},
                     "close only descriptors that it has opened");
  if (WIFSIGNALED(end.status)) {
    const int signal = WTERMSIG(end.status);
    const char* const name = ::sigabbrev_np(signal);
    return transient("killed by signal " + std::to_string(signal) +
                     (name != nullptr ? " (SIG" + std::string{name} + ")" : std::string{}));
  }
  return transient("exited with code " + std::to_string(WEXITSTATUS(end.status)));
}

} // namespace weir::detail
