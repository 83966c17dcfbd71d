#pragma once

// A program run as a user runs it: arguments, environment, standard input, signals; what it wrote and how it
// ended.
//
//     process p{bin / "review-stream", {"run"}, {.folder = work.path()}};
//     const finished end = p.wait();
//     CHECK(end.exit == 0);
//
// Both outputs are read to their ends by threads, so that a child never waits for the test. Owning thread
// only. The child's peak memory counts what the test itself held when it started the child (the kernel hands
// it down): tests that look at it stay small.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace weir::test {

/// How a child ended, and all it said.
struct finished {
  int exit = -1;   ///< exit code; -1 when a signal ended it
  int signal = 0;  ///< that signal
  std::string out; ///< standard output
  std::string err; ///< standard error
  std::uint64_t peak_rss_bytes = 0;

  /// The last line of standard output.
  std::string last_line() const;
};

struct process_options {
  enum class stream : std::uint8_t { piped, null, closed };

  std::filesystem::path folder = {}; ///< where it runs; empty = where the test runs
  std::vector<std::pair<std::string, std::string>> environment = {}; ///< beside the test's own
  stream input = stream::null;
  stream output = stream::piped;
  /// The reader of its standard output goes away once it has this much, as `head` does.
  std::size_t reads_output = SIZE_MAX;
  /// Root may read everything; with this the child may not, whoever runs the test.
  bool obeys_permissions = false;
};

class process {
 public:
  using stream = process_options::stream;

  /// Starts the program; throws when that is impossible.
  process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          process_options options = {});
  /// Kills the child if it still runs.
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// To the child's standard input (`stream::piped`); waits while its pipe is full. False when nobody reads.
  bool write(std::string_view text);
  void close_input();
  void send_signal(int number) const;
  pid_t pid() const noexcept { return child_; }
  /// Waits until standard error contains `text`; false when the child ended or a minute passed without it.
  bool says(std::string_view text);
  /// True when it has not ended within `most`.
  bool runs_for(std::chrono::milliseconds most) const;
  /// Closes its input and waits for the end; one that does not end in time is killed (signal 9 in the
  /// answer).
  finished wait(std::chrono::seconds most = std::chrono::seconds{60});

 private:
  struct collected {
    std::string text;
    bool ended = false;
    std::size_t most = SIZE_MAX;
  };
  std::thread collect(int descriptor, collected& into);

  pid_t child_ = -1;
  int watch_ = -1; ///< becomes readable when the child ends
  int input_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  collected out_;
  collected err_;
  std::thread out_reader_;
  std::thread err_reader_;
};

/// Runs a program to its end.
finished run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                     process_options options = {});

} // namespace weir::test
