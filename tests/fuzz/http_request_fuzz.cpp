// Any bytes sent to the admin listener as one connection: parser, access rules, routes, and what it reads
// from query and body. It answers with whole heads or closes; none lacks the security headers, no input makes
// it fail (500), and nothing is done for who does not have the token.

// sources: framework/weir/observe/admin.cpp framework/weir/observe/admin_requests.cpp
// sources: framework/weir/observe/http_server.cpp framework/weir/observe/http_session.cpp
// sources: framework/weir/observe/http_answer.cpp
// sources: framework/weir/observe/http_routes.cpp framework/weir/observe/http_message.cpp
// sources: framework/weir/observe/http_tls.cpp framework/weir/observe/access_rules.cpp
// sources: framework/weir/cluster/certificates/openssl.cpp framework/weir/base/result.cpp
// sources: tests/framework/weir/observe/support/test_client.cpp
// libraries: -lboost_json -lssl -lcrypto
// options: -detect_leaks=0
// (After each run libFuzzer takes what the listener's thread has not freed yet for a leak.)

#include <tests/framework/weir/observe/support/test_client.hpp>
#include <weir/observe/admin.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace weir;

namespace {

constexpr std::string_view token = "fuzz-s3cret";

class fuzzed_listener {
 public:
  fuzzed_listener() : listener_(options(), target()) {
    if (!listener_.start())
      std::abort();
  }
  std::uint16_t port() const { return listener_.port(); }
  /// Whether anything was done since it was last asked.
  bool was_moved() { return moved_.exchange(false); }

 private:
  static admin_options options() {
    admin_options o;
    o.http.access.token = token;
    o.http.limits.header_bytes = 1'024; // limits that inputs of the fuzzer reach
    o.http.limits.body_bytes = 1'024;
    return o;
  }
  admin_target target() {
    const auto order = [this]() -> result<> {
      moved_ = true;
      return {};
    };
    admin_target t;
    t.workflow_json = [] { return std::string{"{}"}; };
    t.events_json = [](std::uint64_t after) { return std::to_string(after); };
    t.metrics_text = [] { return std::string{"x 1\n"}; };
    t.ready = [] { return readiness{.ready = true, .reasons = {}}; };
    t.drain = t.pause = t.resume = order;
    t.replay = [this](const std::vector<std::string>& ids, const std::string& node) -> result<std::string> {
      moved_ = true;
      return std::to_string(ids.size()) + node;
    };
    t.tap = [this](const std::string&, std::uint32_t rate,
                   std::uint64_t) -> result<std::function<std::optional<std::string>()>> {
      moved_ = true;
      if (rate == 0 || rate > 100)
        std::abort();
      return std::function<std::optional<std::string>()>{[] { return std::optional<std::string>{}; }};
    };
    return t;
  }

  std::atomic<bool> moved_{false};
  admin listener_;
};

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzed_listener listener;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  weir_tests::test_client client{listener.port()};
  if (!client.connected())
    return 0;
  client.send(bytes);
  client.end_of_requests();
  const std::string& answer = client.read_to_end();
  if (listener.was_moved() && bytes.find(token) == std::string_view::npos)
    std::abort();
  if (answer.empty() ||
      answer.find("too many connections") != std::string::npos) // of inputs before, on a busy machine
    return 0;
  const std::size_t head = answer.find("\r\n\r\n");
  if (head ==
      std::string::npos) // the listener closed on input it had not read: the kernel drops what was on its way
    return 0;
  if (!answer.starts_with("HTTP/1.1 ") || answer.find("Content-Security-Policy: default-src 'none'") > head ||
      answer.starts_with("HTTP/1.1 5"))
    std::abort();
  return 0;
}
