#pragma once

// An admin listener without a workflow: answers what it was told to, on a loopback port of its own.
// Its methods are for the test's thread; connections are served one after another by another thread.

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace weir::test {

class canned_server {
 public:
  canned_server();
  ~canned_server();
  canned_server(const canned_server&) = delete;
  canned_server& operator=(const canned_server&) = delete;

  /// "http://127.0.0.1:PORT".
  std::string url() const;
  /// The answer for "GET /path" or "POST /path"; others get 404. An empty `head` makes an HTTP head with this
  /// status; else `head` and `body` are sent as they are.
  void answer(const std::string& request, const std::string& body, int status = 200,
              const std::string& head = {});
  /// What came, with their headers, oldest first.
  std::vector<std::string> requests() const;
  /// Goes away: connections are refused. `start` comes back to the same port.
  void stop();
  void start();

 private:
  struct canned {
    std::string head;
    std::string body;
  };
  void serve(int listener);
  void serve_one(int connection);

  mutable std::mutex mutex_;
  std::map<std::string, canned> answers_;
  std::vector<std::string> requests_;
  int port_ = 0;
  int listener_ = -1;
  std::thread thread_;
};

/// An answer of /api/v1/workflow: source `read`, step `analyze` with two workers, sink `store`.
std::string workflow_json(const std::string& state, double records_per_s);
/// An answer of /api/v1/events with one event of this cause.
std::string events_json(const std::string& cause);

} // namespace weir::test
