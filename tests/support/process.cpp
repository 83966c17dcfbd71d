#include <tests/support/process.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace weir::test {

namespace {

using stream = process_options::stream;

struct two_ends {
  int reading = -1;
  int writing = -1;
};

two_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string{"pipe: "} + std::strerror(errno));
  return {ends[0], ends[1]};
}

void close_and_forget(int& descriptor) {
  if (descriptor >= 0)
    ::close(std::exchange(descriptor, -1));
}

/// The child's descriptor `number`. Only calls that are safe after fork.
void connect(int number, stream how, int pipe_end) {
  if (how == stream::closed)
    ::close(number);
  else if (how == stream::piped)
    ::dup2(pipe_end, number);
  else
    ::dup2(::open("/dev/null", O_RDWR), number);
}

/// The texts as execve takes them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> made;
  made.reserve(texts.size() + 1);
  for (auto& t : texts)
    made.push_back(t.data());
  made.push_back(nullptr);
  return made;
}

} // namespace

std::string finished::last_line() const {
  std::string_view text = out;
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  return std::string{text.substr(text.rfind('\n') + 1)}; // npos + 1 = 0: the only line
}

process::process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 process_options options) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> settings;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view name = std::string_view{*at}.substr(0, std::string_view{*at}.find('='));
    if (std::ranges::none_of(options.environment, [&](const auto& e) { return e.first == name; }))
      settings.emplace_back(*at);
  }
  for (const auto& [name, value] : options.environment)
    settings.push_back(name + "=" + value);
  auto argv = pointers(words);
  auto envp = pointers(settings);

  std::signal(SIGPIPE, SIG_IGN); // write() answers instead
  two_ends in = make_pipe();
  two_ends out = make_pipe();
  two_ends err = make_pipe();
  two_ends failure = make_pipe();
  child_ = ::fork();
  if (child_ < 0)
    throw std::runtime_error(std::string{"fork: "} + std::strerror(errno));
  if (child_ == 0) {
    connect(STDIN_FILENO, options.input, in.reading);
    connect(STDOUT_FILENO, options.output, out.writing);
    connect(STDERR_FILENO, stream::piped, err.writing);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int s : {SIGPIPE, SIGHUP, SIGINT, SIGTERM})
      ::signal(s, SIG_DFL);
    if (options.obeys_permissions) // not root: has none of these to drop
      for (const int right : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH})
        ::prctl(PR_CAPBSET_DROP, right, 0, 0, 0);
    if (options.folder.empty() || ::chdir(options.folder.c_str()) == 0)
      ::execve(argv[0], argv.data(), envp.data());
    const int code = errno;
    (void)!::write(failure.writing, &code, sizeof code);
    ::_exit(127);
  }
  for (int* end : {&in.reading, &out.writing, &err.writing, &failure.writing})
    close_and_forget(*end);
  int code = 0;
  const bool failed = ::read(failure.reading, &code, sizeof code) == sizeof code;
  close_and_forget(failure.reading);
  if (failed) {
    ::waitpid(child_, nullptr, 0);
    for (int* end : {&in.writing, &out.reading, &err.reading})
      close_and_forget(*end);
    throw std::runtime_error("cannot run " + program.string() + ": " + std::strerror(code));
  }
  watch_ = static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)); // glibc 2.36 declares it for C only
  input_ = in.writing;
  if (options.input != stream::piped)
    close_input();
  out_.most = options.reads_output;
  out_reader_ = collect(out.reading, out_);
  err_reader_ = collect(err.reading, err_);
}

process::~process() {
  if (child_ > 0) {
    send_signal(SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  close_input();
  close_and_forget(watch_);
  for (auto* reader : {&out_reader_, &err_reader_})
    if (reader->joinable())
      reader->join();
}

std::thread process::collect(int descriptor, collected& into) {
  return std::thread{[this, descriptor, &into] {
    std::array<char, 65536> buffer{};
    for (;;) {
      const std::size_t most =
          std::min(buffer.size(), into.most - into.text.size()); // only this thread writes
      if (most == 0)
        break;
      const ssize_t got = ::read(descriptor, buffer.data(), most);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      const std::lock_guard lock{mutex_};
      into.text.append(buffer.data(), static_cast<std::size_t>(got));
      changed_.notify_all();
    }
    ::close(descriptor);
    const std::lock_guard lock{mutex_};
    into.ended = true;
    changed_.notify_all();
  }};
}

bool process::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t took = ::write(input_, text.data(), text.size());
    if (took < 0 && errno == EINTR)
      continue;
    if (took < 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(took));
  }
  return true;
}

void process::close_input() { close_and_forget(input_); }

void process::send_signal(int number) const { ::kill(child_, number); }

bool process::says(std::string_view text) {
  std::unique_lock lock{mutex_};
  const auto said = [&] { return err_.text.find(text) != std::string::npos; };
  changed_.wait_for(lock, std::chrono::minutes{1}, [&] { return said() || err_.ended; });
  return said();
}

bool process::runs_for(std::chrono::milliseconds most) const {
  pollfd asked{watch_, POLLIN, 0};
  return ::poll(&asked, 1, static_cast<int>(most.count())) == 0;
}

finished process::wait(std::chrono::seconds most) {
  close_input();
  finished end;
  if (runs_for(most))
    send_signal(SIGKILL);
  int status = 0;
  rusage used{};
  ::wait4(std::exchange(child_, -1), &status, 0, &used);
  out_reader_.join();
  err_reader_.join();
  if (WIFEXITED(status))
    end.exit = WEXITSTATUS(status);
  else
    end.signal = WTERMSIG(status);
  end.out = std::move(out_.text);
  end.err = std::move(err_.text);
  end.peak_rss_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  return end;
}

finished run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                     process_options options) {
  process p{program, arguments, std::move(options)};
  return p.wait();
}

} // namespace weir::test
