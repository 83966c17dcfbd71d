#pragma once

// The admin listener of a run: dashboard, metrics, health, JSON API, live events, and the few things that can
// be asked of a run from outside.
//
//   admin listener{options, target};            // target: functions that look into the run
//   if (auto started = listener.start(); !started) …   // says why not
//   … listener.url() …
//
// GET  /                    the dashboard, or a text with the paths when it is not built
// GET  /metrics             Prometheus text
// GET  /ping                200 while the process answers; no token
// GET  /ready               200, else 503 with the reasons; no token
// GET  /version
// GET  /api/v1/workflow     nodes, edges, figures of now
// GET  /api/v1/history      the last 15 minutes
// GET  /api/v1/events       with "Accept: text/event-stream" live, continuing after Last-Event-ID or
// ?after=N;
//                           else those so far
// GET  /api/v1/dead-letters
// GET  /api/v1/cluster      its hosts
// POST /api/v1/dead-letters/replay
//                           all; those of ?id=… and ?node=…; or of a body {"ids":[…],"node":"…"}
// GET  /api/v1/nodes/{id}/tap
//                           a sample of its records as server-sent events: ?rate= a second (1 to 100,
//                           default 10), ?limit= and then the end
// POST /api/v1/drain, /api/v1/pause, /api/v1/resume   202, or 409 with the reason
//
// A path is there if the target has a function for it. Errors are {"error":"what (where): how to fix"}.
// One thread of its own calls the functions of the target, one at a time.

#include <weir/base/result.hpp>
#include <weir/observe/http_server.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// A file of the dashboard. The bytes must live as long as the listener.
struct static_asset {
  std::string path; ///< "/" or "/app.js": exactly this
  std::string content_type;
  std::string_view bytes;
  bool gzip = false; ///< the bytes are compressed, and sent so to everybody
};

struct admin_options {
  http_options http; ///< address, token, limits. The contract's port is 7461
  std::string version = "0.1.0";
  std::vector<static_asset> assets;
};

struct readiness {
  bool ready = false;
  std::vector<std::string>
      reasons; ///< what is not connected; anybody may read them: no addresses, no secrets
};

/// What the listener asks of a run. Called on the listener's thread until stop() has returned; must be short
/// and may throw (a 500). Empty functions: their paths do not exist.
struct admin_target {
  std::function<std::string()> workflow_json;
  std::function<std::string()> history_json;
  /// Events after that number: {"events":[…]}.
  std::function<std::string(std::uint64_t after)> events_json;
  /// Events after that number as server-sent events (see server_sent_event; empty if there are none), and the
  /// number of the last of them, or `after`.
  std::function<std::pair<std::string, std::uint64_t>(std::uint64_t after)> event_stream;
  std::function<std::string()> metrics_text;
  std::function<std::string()> dead_letters_json;
  std::function<std::string()> cluster_json;
  /// What became of it (see replay_json), or why nothing can be replayed.
  std::function<result<std::string>(const std::vector<std::string>& ids, const std::string& node)> replay;
  /// Server-sent events: what there is now, nothing at the end; destroyed when the client goes.
  using tap_stream = std::function<std::optional<std::string>()>;
  std::function<result<tap_stream>(const std::string& node, std::uint32_t per_second, std::uint64_t limit)>
      tap;
  std::function<readiness()> ready;
  std::function<result<>()> drain;
  std::function<result<>()> pause;
  std::function<result<>()> resume;
};

class admin {
 public:
  static constexpr std::uint16_t usual_port = 7461;

  admin(admin_options options, admin_target target);

  /// As http_server::start.
  result<> start() { return server_.start(); }
  /// The port listened on. Thread-safe.
  std::uint16_t port() const noexcept { return server_.port(); }
  /// As http_server::reload_certificate.
  result<> reload_certificate() { return server_.reload_certificate(); }
  /// "http://127.0.0.1:7461/", or https.
  std::string url() const;
  /// Further paths (tap, cluster, …), before start().
  void route(std::string method, std::string pattern, http_handler handler) {
    server_.route(std::move(method), std::move(pattern), std::move(handler));
  }
  /// At once, whatever clients do. Not from a function of the target.
  void stop() { server_.stop(); }

 private:
  std::string host_;
  bool tls_;
  http_server server_;
};

} // namespace weir
