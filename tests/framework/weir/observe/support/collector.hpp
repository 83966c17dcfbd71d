#pragma once

// A collector of traces for tests: an HTTP server on this machine that keeps what is posted to /v1/traces and
// answers as it is told.

#include <weir/observe/http_server.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir_tests {

/// A span as it arrived.
struct got_span {
  std::string trace;
  std::string id;
  std::string parent;
  std::string name;
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool failed = false;
  boost::json::object all;

  /// A number among its attributes; -1 if it is not there.
  std::int64_t number(std::string_view key) const {
    for (const auto& a : all.at("attributes").as_array())
      if (a.at("key").as_string() == boost::json::string_view{key.data(), key.size()})
        return std::stoll(std::string{a.at("value").at("intValue").as_string()});
    return -1;
  }
};

class collector {
 public:
  collector() : server_(options()) {
    server_.route("POST", "/v1/traces", [this](const weir::http_request& r) {
      const std::lock_guard lock{mutex_};
      ++requests_;
      authorization_ = r.header("authorization");
      content_type_ = r.header("content-type");
      weir::http_response answer;
      answer.status = refusals_ > 0 ? refusal_ : 200;
      if (refusals_ > 0)
        --refusals_;
      else
        bodies_.push_back(r.body);
      answer.body = "{}";
      return answer;
    });
  }
  ~collector() { server_.stop(); }
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  bool start() { return static_cast<bool>(server_.start()); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  void refuse(unsigned status, int times) {
    const std::lock_guard lock{mutex_};
    refusal_ = status;
    refusals_ = times;
  }
  int requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }
  std::string authorization() const {
    const std::lock_guard lock{mutex_};
    return authorization_;
  }
  std::string content_type() const {
    const std::lock_guard lock{mutex_};
    return content_type_;
  }
  std::vector<got_span> spans() const {
    const std::lock_guard lock{mutex_};
    std::vector<got_span> all;
    for (const auto& body : bodies_) {
      const auto request = boost::json::parse(body);
      for (const auto& resource : request.at("resourceSpans").as_array())
        for (const auto& scope : resource.at("scopeSpans").as_array())
          for (const auto& s : scope.at("spans").as_array()) {
            const auto& o = s.as_object();
            const auto text = [&o](const char* key) {
              const auto* v = o.if_contains(key);
              return v != nullptr ? std::string{v->as_string()} : std::string{};
            };
            all.push_back({text("traceId"), text("spanId"), text("parentSpanId"), text("name"),
                           std::stoll(text("startTimeUnixNano")), std::stoll(text("endTimeUnixNano")),
                           o.contains("status") && o.at("status").at("code").as_int64() == 2, o});
          }
    }
    return all;
  }
  std::vector<got_span> spans_of(std::string_view node) const {
    auto all = spans();
    std::erase_if(all, [node](const got_span& s) { return s.name != node; });
    return all;
  }

 private:
  static weir::http_options options() {
    weir::http_options o;
    o.port = 0;
    o.limits.body_bytes = std::size_t{8} << 20U;
    return o;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::string authorization_;
  std::string content_type_;
  unsigned refusal_ = 503;
  int refusals_ = 0;
  int requests_ = 0;
  weir::http_server server_;
};

} // namespace weir_tests
