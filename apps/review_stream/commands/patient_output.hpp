#pragma once

// Whole lines to a file or standard output, by a writer that a signal can interrupt even while its reader is
// slow.
//
// Invariants: stop and reload signals are blocked and read from a descriptor, so none is lost and none tears
// a write; to a pipe only as much is written at once as it takes without waiting (PIPE_BUF), and waiting is
// always for the pipe and for signals. Owning thread only; make it before any other thread.

#include <actors/files/file_descriptor.hpp>
#include <actors/jsonl/line_writer.hpp>
#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::reviews {

class patient_output {
 public:
  /// Blocks SIGINT, SIGTERM and SIGHUP and ignores SIGPIPE from here on. "-" is standard output.
  static result<patient_output> open(const std::string& path);

  enum class outcome { written, reader_gone, stopped_at_once };
  /// Writes all `lines` (each with its '\n'). After a stop signal it still does; a second one stops at once,
  /// which may leave the last line of a pipe torn.
  result<outcome> write(std::string_view lines);
  /// Returns at `until`, or earlier when a signal comes.
  void wait(time_point until);
  /// Takes signals that have come; does not wait.
  void look();

  bool stop_asked() const noexcept { return stops_ > 0; }
  /// The signal that stopped it at once.
  int last_signal() const noexcept { return signal_; }

 private:
  patient_output(actors::line_writer writer, std::string path);
  /// False when a second stop signal came before the reader was ready.
  bool wait_for_reader();
  void take_signals();
  result<> reopen_if_asked();

  actors::line_writer writer_;
  std::string path_;
  actors::file_descriptor signals_;
  bool pipe_ = false;
  bool reload_ = false;
  int stops_ = 0;
  int signal_ = 0;
};

} // namespace weir::reviews
