// weir top on a terminal: run under tmux, which is one. Skipped, with a message, where tmux is missing.

#include <tests/apps/weir/support/canned_server.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace weir::test;

namespace {

constexpr const char* program = WEIR_BIN_DIR "/weir";

bool tmux_is_there() {
  try {
    if (run_program("/usr/bin/tmux", {"-V"}).exit == 0)
      return true;
  } catch (const std::exception&) {
  }
  WARN("skipped: tmux is not installed (apt-get install tmux)");
  return false;
}

/// A terminal of its own with a program in it.
class session {
 public:
  explicit session(const std::string& command) : socket_{"weir-top-"} {
    socket_ += std::to_string(::getpid());
    socket_ += '-';
    socket_ += std::to_string(++count);
    // The shell stays, so that the exit code can be read.
    (void)tmux({"-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40",
                "LC_ALL=C.UTF-8 " + command + "; echo exit=$?; exec cat"});
  }
  ~session() { (void)tmux({"kill-server"}); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  std::string screen() { return tmux({"capture-pane", "-p"}); }
  void press(const std::string& key) { (void)tmux({"send-keys", key}); }
  void resize(int width, int height) {
    (void)tmux({"resize-window", "-x", std::to_string(width), "-y", std::to_string(height)});
  }
  /// Looks until the screen holds `text` (or, with `gone`, does not); half a minute at most.
  bool shows(const std::string& text, bool gone = false) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < until) {
      last_ = screen();
      if ((last_.find(text) == std::string::npos) == gone)
        return true;
    }
    UNSCOPED_INFO("the screen, which should " << (gone ? "not " : "") << "show '" << text << "':\n" << last_);
    return false;
  }

 private:
  std::string tmux(const std::vector<std::string>& arguments) {
    std::vector<std::string> all;
    all.emplace_back("-L");
    all.push_back(socket_);
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program("/usr/bin/tmux", all).out;
  }
  static inline int count = 0;
  std::string socket_;
  std::string last_;
};

std::string top_of(const canned_server& server) {
  return WEIR_BIN_DIR "/weir top --interval 50ms " + server.url();
}

void answer_all(canned_server& server, const std::string& state, double records_per_s) {
  server.answer("GET /api/v1/workflow", workflow_json(state, records_per_s));
  server.answer("GET /api/v1/events", events_json("out of memory"));
  server.answer("POST /api/v1/pause", R"({"state":"paused"})", 202);
  server.answer("POST /api/v1/resume", R"({"state":"running"})", 202);
}

bool posted(const canned_server& server, const std::string& path) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (std::chrono::steady_clock::now() < until) {
    const auto requests = server.requests();
    if (std::ranges::any_of(requests, [&](const std::string& r) { return r.starts_with("POST " + path); }))
      return true;
    std::this_thread::yield();
  }
  return false;
}

} // namespace

TEST_CASE("weir top follows the workflow, obeys keys and gives the terminal back") {
  if (!tmux_is_there())
    return;
  canned_server server;
  answer_all(server, "running", 801);
  session s{top_of(server)};
  REQUIRE(s.shows("review-stream: running"));
  CHECK(s.shows("801 records/s"));
  CHECK(s.shows("limits: store: 98 % busy"));
  CHECK(s.shows("restart analyze/1: out of memory"));
  answer_all(server, "running", 643);
  CHECK(s.shows("643 records/s"));

  s.press("Down");
  s.press("Enter");
  CHECK(s.shows("node analyze (step)"));
  CHECK(s.shows("250ms"));
  s.press("Escape");
  CHECK(s.shows("643 records/s"));
  s.press("s");
  CHECK(s.shows("nodev"));
  s.press("r");
  CHECK(s.shows("node^"));
  s.press("?");
  CHECK(s.shows("pause the workflow"));
  s.press("Escape");

  s.press("p");
  CHECK(posted(server, "/api/v1/pause"));
  answer_all(server, "paused", 0);
  CHECK(s.shows("review-stream: paused"));
  s.press("p");
  CHECK(posted(server, "/api/v1/resume"));

  s.press("q");
  CHECK(s.shows("exit=0"));
  CHECK(s.shows("review-stream", true));
}

TEST_CASE("weir top follows the size of its window") {
  if (!tmux_is_there())
    return;
  canned_server server;
  answer_all(server, "running", 801);
  session s{top_of(server)};
  REQUIRE(s.shows("restarts"));
  s.resize(40, 12);
  CHECK(s.shows("restarts  ", true));
  CHECK(s.shows("read"));
  s.resize(5, 2);
  s.resize(160, 50);
  CHECK(s.shows("restarts"));
  s.press("q");
  CHECK(s.shows("exit=0"));
}

TEST_CASE("weir top says that the server is away, and goes on when it is back") {
  if (!tmux_is_there())
    return;
  canned_server server;
  answer_all(server, "running", 801);
  session s{top_of(server)};
  REQUIRE(s.shows("801 records/s"));
  server.stop();
  CHECK(s.shows("NO ANSWER, trying again"));
  CHECK(s.shows("801 records/s"));
  answer_all(server, "running", 77);
  server.start();
  CHECK(s.shows("77 records/s"));
  CHECK(s.shows("NO ANSWER", true));
  s.press("C-c");
  CHECK(s.shows("exit=130"));
}

TEST_CASE("weir top prints plain text once where no terminal is") {
  canned_server server;
  answer_all(server, "running", 801);
  const finished end = run_program(program, {"top", server.url()});
  CHECK(end.exit == 0);
  CHECK(end.err.empty());
  CHECK_THAT(end.out, Catch::StartsWith("weir review-stream: running"));
  CHECK_THAT(end.out, Catch::Contains("\nanalyze "));
  CHECK(end.out.find('\x1b') == std::string::npos);
}

TEST_CASE("weir says what is wrong in one line, with the exit code for it") {
  canned_server server;
  server.stop();
  const finished refused = run_program(program, {"top", server.url()});
  CHECK(refused.exit == 1);
  CHECK_THAT(refused.err, Catch::StartsWith("error: nothing listens there: connection refused (http://"));
  CHECK_THAT(refused.err, Catch::Contains("--admin"));
  CHECK(std::ranges::count(refused.err, '\n') == 1);
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"top", "--sort", "speed"},
                                             {"top", "--interval", "1"},
                                             {"top", "ftp://box"},
                                             {"top", "http://box", "--insecure"},
                                             {"top", "https://box", "--ca", "/does/not/exist"},
                                             {"top", "--token-file", "/does/not/exist"},
                                             {"bottom"}}) {
    const finished end = run_program(program, wrong);
    CHECK(end.exit == 2);
    CHECK_THAT(end.err, Catch::StartsWith("error: "));
  }
  CHECK_THAT(run_program(program, {"version"}).out, Catch::StartsWith("weir "));
}
