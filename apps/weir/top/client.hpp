#pragma once

// The admin API of one workflow over HTTP or HTTPS, with an end to every wait: connecting takes 3 s at most,
// an answer 5 s; one of more than 8 MiB is refused. Redirects are not followed. One thread, but `cancel`
// which is for any.

#include <apps/weir/top/model.hpp>
#include <apps/weir/top/trust.hpp>

#include <weir/base/result.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::top {

/// Where an admin listener is: of "http://HOST:PORT", "HOST:PORT", "https://[::1]:7461/".
struct endpoint {
  std::string host;
  std::string port;
  bool tls = false;
  /// "http://" or "https://" and the authority.
  std::string url() const;
  /// "127.0.0.1:7461", "[::1]:7461".
  std::string authority() const;
};

/// An error for other schemes, user names, paths, and ports that are none.
result<endpoint> parse_url(std::string_view url);
/// The first line of the file without white space around it. An error when it cannot be read, is empty, or
/// holds what no header may.
result<std::string> read_token(const std::string& file);

class client {
 public:
  /// `token` empty: none is sent. `tls`, of client_context, is needed for endpoints of https.
  explicit client(endpoint at, std::string token = {}, std::shared_ptr<ssl_ctx_st> tls = {});

  result<workflow_view> workflow();
  /// GET /api/v1/cluster, as it came.
  result<std::string> cluster();
  /// Those the server still has, oldest first.
  result<std::vector<event_view>> events();
  /// POST /api/v1/ACTION: "pause", "resume", "drain".
  result<> act(std::string_view action);
  /// A call that waits returns within a tenth of a second, and later ones fail.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  struct answer {
    unsigned status = 0;
    std::string body;
  };
  result<answer> call(bool post, const std::string& target);
  result<std::string> body_of(bool post, const std::string& target);

  endpoint at_;
  std::string token_;
  std::shared_ptr<ssl_ctx_st> tls_;
  std::atomic<bool> cancelled_{false};
};

} // namespace weir::top
