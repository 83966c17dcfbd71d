#include <tests/apps/weir/support/canned_server.hpp>

#include <cstdint>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace weir::test {

canned_server::canned_server() { start(); }

canned_server::~canned_server() { stop(); }

std::string canned_server::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void canned_server::answer(const std::string& request, const std::string& body, int status,
                           const std::string& head) {
  canned c{head, body};
  if (head.empty())
    c.head = "HTTP/1.1 " + std::to_string(status) +
             " Canned\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n";
  const std::lock_guard hold{mutex_};
  answers_[request] = std::move(c);
}

std::vector<std::string> canned_server::requests() const {
  const std::lock_guard hold{mutex_};
  return requests_;
}

void canned_server::start() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(port_));
  socklen_t size = sizeof at;
  auto* address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(listener_, address, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, address, &size) != 0)
    throw std::runtime_error{"no port to listen on"};
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this, listener = listener_] { serve(listener); });
}

void canned_server::stop() {
  if (!thread_.joinable())
    return;
  ::shutdown(listener_, SHUT_RDWR); // ends accept()
  thread_.join();
  ::close(listener_);
}

void canned_server::serve(int listener) {
  for (;;) {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0)
      return;
    const timeval most{5, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    serve_one(connection);
    ::close(connection);
  }
}

void canned_server::serve_one(int connection) {
  std::string request;
  char piece[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, piece, sizeof piece, 0);
    if (count <= 0)
      return;
    request.append(piece, static_cast<std::size_t>(count));
  }
  const std::string line = request.substr(0, request.find(" HTTP/"));
  std::string answer = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  {
    const std::lock_guard hold{mutex_};
    requests_.push_back(request);
    if (const auto at = answers_.find(line); at != answers_.end())
      answer = at->second.head + at->second.body;
  }
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t count = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (count <= 0)
      return;
    sent += static_cast<std::size_t>(count);
  }
}

std::string workflow_json(const std::string& state, double records_per_s) {
  return R"({"workflow":"review-stream","state":")" + state +
         R"(","version":"0.1.0","started":"2026-01-01T00:00:00Z","up_s":75.2,"ready":true,
"rates":{"records_per_s":)" +
         std::to_string(records_per_s) +
         R"(,"error_ratio":0.001,"latency_ms":{"p50":1.2,"p95":2.0,"p99":3.4},
"queue_records":12,"queue_bytes":3456,"workers_busy":3,"workers":10,"workers_max":12},
"progress":{"done":250,"total":1000,"eta_s":9.5},"warnings":["analyze: 2 restarts in a minute"],
"culprit":{"node":"store","reason":"store: 98 % busy, 1 of 1 workers"},
"limits":[{"node":"store","score":0.98,"reason":"store: 98 % busy"}],
"nodes":[
{"id":"read","role":"source","state":"running","cause":"","stalled":false,"received_per_s":800,"sent_per_s":800,
"errors_per_s":0,"received":9000,"sent":9000,"delivered":0,"filtered":0,"errors":0,"retries":0,"timeouts":0,
"restarts":0,"dead_letters":0,"queue_records":0,"queue_bytes":0,
"time":{"busy":0.2,"idle":0.1,"backpressured":0.7},"task_ms":{"p50":0,"p99":0},"latency_ms":null,
"workers":{"min":0,"max":0,"now":0,"busy":0,"hung":0},"worker_list":[],"progress":{"done":250,"total":1000}},
{"id":"analyze","role":"step","state":"running","cause":"","stalled":false,"received_per_s":800,"sent_per_s":790,
"errors_per_s":1.5,"received":9000,"sent":8900,"delivered":0,"filtered":5,"errors":7,"retries":3,"timeouts":1,
"restarts":2,"dead_letters":4,"queue_records":64,"queue_bytes":8192,
"time":{"busy":0.5,"idle":0.2,"backpressured":0.3},"task_ms":{"p50":1.25,"p99":12.5},"latency_ms":null,
"workers":{"min":1,"max":4,"now":2,"busy":1,"hung":0},
"worker_list":[{"index":0,"state":"busy","task_age_s":0.25,"restarts":2},{"index":1,"state":"idle","restarts":0}],
"progress":null},
{"id":"store","role":"sink","state":"outage","cause":"disk\u001b[2J full","stalled":false,"received_per_s":790,
"sent_per_s":0,"errors_per_s":0,"received":8900,"sent":0,"delivered":8800,"filtered":0,"errors":0,"retries":0,
"timeouts":0,"restarts":0,"dead_letters":0,"queue_records":100,"queue_bytes":12000,
"time":{"busy":0.98,"idle":0.02,"backpressured":0},"task_ms":{"p50":3,"p99":9},"latency_ms":{"p50":4,"p99":11},
"workers":{"min":1,"max":1,"now":1,"busy":1,"hung":0},
"worker_list":[{"index":0,"state":"busy","task_age_s":0.01,"restarts":0}],"progress":null}],
"edges":[],"memory":{"used":1048576,"limit":2097152}})";
}

std::string events_json(const std::string& cause) {
  return R"({"events":[{"number":1,"time":"2026-01-01T12:30:05.250Z","kind":"restart","node":"analyze","worker":1,"cause":")" +
         cause + R"("}]})";
}

} // namespace weir::test
