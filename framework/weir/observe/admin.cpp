#include <weir/observe/admin.hpp>

#include <weir/observe/admin_requests.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

namespace weir {

namespace {

http_response text_response(std::string body, std::string type = "text/plain; charset=utf-8") {
  return {200, std::move(type), std::move(body), {}, {}};
}

http_response json_response(std::string body, unsigned status = 200) {
  return {status, "application/json", std::move(body), {}, {}};
}

http_handler json_of(std::function<std::string()> make) {
  return [make = std::move(make)](const http_request&) { return json_response(make()); };
}

http_handler order(std::function<result<>()> give, std::string state) {
  return [give = std::move(give), state = std::move(state)](const http_request&) {
    if (const auto done = give(); !done)
      return error_response(409, done.error().message());
    boost::json::object body;
    body["state"] = state;
    return json_response(boost::json::serialize(body), 202);
  };
}

http_response health(const readiness& now) {
  boost::json::object body;
  body["ready"] = now.ready;
  body["reasons"] = boost::json::array(now.reasons.begin(), now.reasons.end());
  return json_response(boost::json::serialize(body), now.ready ? 200 : 503);
}

/// Where a reader of events goes on: Last-Event-ID, else ?after=N, else all there are. Nothing if it is no
/// number.
std::optional<std::uint64_t> reads_after(const http_request& request) {
  std::string text{request.header("Last-Event-ID")};
  if (text.empty())
    text = request.query_value("after").value_or("");
  if (text.empty())
    return 0;
  return whole_number(text);
}

http_response events(const admin_target& target, const http_request& request) {
  const auto after = reads_after(request);
  if (!after)
    return error_response(400, "not a number of an event (after, Last-Event-ID): send the last one seen, or "
                               "none");
  const bool live = request.header("Accept").find("text/event-stream") != std::string_view::npos;
  if (!live || !target.event_stream) {
    if (!target.events_json)
      return error_response(406, "events are only streamed here (Accept): send text/event-stream");
    return json_response(target.events_json(*after));
  }
  http_response answer{200, "text/event-stream", {}, {}, {}};
  answer.stream = [last = *after, log = target.event_stream,
                   workflow = target.workflow_json]() mutable -> std::optional<std::string> {
    auto [text, number] = log(last);
    last = number;
    if (workflow)
      text += server_sent_event({}, "workflow", workflow());
    return std::move(text);
  };
  return answer;
}

http_response file(const static_asset& asset) {
  http_response answer{200, asset.content_type, std::string{asset.bytes}, {}, {}};
  answer.headers.emplace_back("Cache-Control", "no-cache");
  if (asset.gzip)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

} // namespace

admin::admin(admin_options options, admin_target target)
    : host_(options.http.access.host), tls_(!options.http.tls.empty()), server_(std::move(options.http)) {
  std::string paths;
  const auto add = [&](std::string method, std::string path, http_handler handler,
                       http_access access = http_access::token) {
    paths += "  " + method + " " + path + "\n";
    server_.route(std::move(method), std::move(path), std::move(handler), access);
  };
  const bool has_page = std::ranges::any_of(options.assets, [](const auto& a) { return a.path == "/"; });
  for (static_asset& asset : options.assets)
    server_.route("GET", asset.path, [asset](const http_request&) { return file(asset); }, http_access::open);

  add("GET", "/ping", [](const http_request&) { return text_response("ok\n"); }, http_access::open);
  if (target.ready)
    add(
        "GET", "/ready", [ready = target.ready](const http_request&) { return health(ready()); },
        http_access::open);
  boost::json::object version;
  version["version"] = options.version;
  add("GET", "/version",
      [body = boost::json::serialize(version)](const http_request&) { return json_response(body); });
  if (target.metrics_text)
    add("GET", "/metrics", [text = target.metrics_text](const http_request&) {
      return text_response(text(), "text/plain; version=0.0.4; charset=utf-8");
    });
  if (target.workflow_json)
    add("GET", "/api/v1/workflow", json_of(target.workflow_json));
  if (target.history_json)
    add("GET", "/api/v1/history", json_of(target.history_json));
  if (target.events_json || target.event_stream)
    add("GET", "/api/v1/events", [target](const http_request& request) { return events(target, request); });
  if (target.dead_letters_json)
    add("GET", "/api/v1/dead-letters", json_of(target.dead_letters_json));
  if (target.cluster_json)
    add("GET", "/api/v1/cluster", json_of(target.cluster_json));
  if (target.replay)
    add("POST", "/api/v1/dead-letters/replay",
        [replay = target.replay](const http_request& request) { return replay_letters(replay, request); });
  if (target.tap)
    add("GET", "/api/v1/nodes/{id}/tap",
        [tap = target.tap](const http_request& request) { return tap_node(tap, request); });
  if (target.drain)
    add("POST", "/api/v1/drain", order(std::move(target.drain), "draining"));
  if (target.pause)
    add("POST", "/api/v1/pause", order(std::move(target.pause), "paused"));
  if (target.resume)
    add("POST", "/api/v1/resume", order(std::move(target.resume), "running"));

  if (!has_page)
    server_.route(
        "GET", "/",
        [text = "The dashboard is not part of this build: it is made with Node.js, so install nodejs and npm "
                "and build again.\nWhat can be asked:\n" +
                paths](const http_request&) { return text_response(text); },
        http_access::open);
}

std::string admin::url() const {
  const bool six = host_.find(':') != std::string::npos;
  return (tls_ ? "https://" : "http://") + (six ? "[" + host_ + "]" : host_) + ":" + std::to_string(port()) +
         "/";
}

} // namespace weir
