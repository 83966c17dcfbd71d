#pragma once

// Makes worker processes of a run (isolation `process`), by fork() without exec: a worker is a copy of the
// program as it was when the run started, with the workflow and all that its nodes refer to.
//
// The run forks one process at its start, the nursery, which does nothing but fork workers, look after them
// and end with the run. So a worker that is replaced costs a millisecond and no reload of a model, and is
// always forked from a process with one thread and nothing in progress (after Chromium's zygote, and
// PostgreSQL's postmaster). Run and workers talk over a socket pair each; the nursery carries no record.
//
// What that asks of a program: other threads of it are not in the copy, so what one of them has locked at the
// moment of engine::start() stays locked in every worker (glibc's malloc and stdio are safe; sanitizers' are
// not). The first start of an engine forks before it makes any thread. Start the run before threads of your
// own, too, or keep their locks out of nodes.
//
// What is promised:
//  - a worker starts with standard input from /dev/null, standard output going to standard error, its socket,
//    and every other descriptor closed; SIGINT, SIGTERM and SIGHUP, which are the run's, are ignored.
//  - no worker outlives the run: when the run's process is gone, however that was, the nursery ends, and the
//    kernel kills its children (PR_SET_PDEATHSIG).
//  - how a child ended is in its status pipe, whatever killed it.
// Thread-safe.

#include <weir/base/owned_descriptor.hpp>
#include <weir/base/result.hpp>
#include <weir/node/options.hpp>
#include <weir/runtime/process/child_page.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <sys/types.h>

namespace weir::detail {

/// What a status pipe says, once.
struct child_end {
  std::int32_t status = 0; ///< as of waitpid(2)
  std::int32_t failed = 0; ///< errno: there never was a child
  bool let_go = false;     ///< it was without its socket, and of no use: killed, or its own end
};

class process_nursery {
 public:
  /// In a worker process: does all its work; the process then exits with what it answers.
  using serve_call = std::function<int(int socket, child_page& page)>;

  /// Forks the nursery. `serve` is called in its children only.
  static result<std::shared_ptr<process_nursery>> start(serve_call serve);
  /// Ends the nursery and, with it, what is left of its children. Does not wait for their code.
  ~process_nursery();
  process_nursery(const process_nursery&) = delete;
  process_nursery& operator=(const process_nursery&) = delete;

  struct child {
    std::uint64_t id = 0;
    owned_descriptor socket; ///< does not block
    owned_descriptor status; ///< a child_end comes, then its end
  };
  /// A child that runs `serve`. Fails when the nursery is gone, or without descriptors or memory; whether
  /// there is a process at all is told by its status.
  result<child> make(const shared_page& page, const process_options& limits);
  /// SIGKILL, if it still runs.
  void kill(std::uint64_t child);
  /// The child's socket is closed, so it has ended or is about to; if it does not, it is killed.
  void end(std::uint64_t child);
  /// The nursery's process.
  pid_t process() const noexcept { return process_; }

 private:
  process_nursery(pid_t process, owned_descriptor handle, owned_descriptor control)
      : process_(process), handle_(std::move(handle)), control_(std::move(control)) {}

  void order(std::uint32_t what, std::uint64_t child);

  const pid_t process_;
  const owned_descriptor handle_; ///< of the process, whoever reaps it
  std::mutex mutex_;
  owned_descriptor control_;
  std::uint64_t next_ = 1;
};

/// "killed by signal 11 (SIGSEGV)", "exited with code 3", "ran out of memory (limit 256 MiB)".
error words_of(const child_end& end, bool out_of_memory, const process_options& limits);

} // namespace weir::detail
