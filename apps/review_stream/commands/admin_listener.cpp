#include <apps/review_stream/commands/admin_listener.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <weir/observe/web_assets.hpp>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::reviews {

namespace {

result<std::string> token_in(const std::string& path) {
  std::ifstream file{path};
  std::string token{std::istreambuf_iterator<char>{file}, {}};
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
    token.pop_back();
  if (!file || token.empty())
    return permanent("there is no token in '" + path + "'", "--admin-token-file",
                     "name a readable file that holds the token and nothing else");
  return token;
}

/// The dashboard, as far as it was built: "index.html" is "/".
std::vector<static_asset> dashboard() {
  std::vector<static_asset> all;
  const auto text = [](std::span<const std::uint8_t> bytes) {
    return std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  };
  for (const web_asset& a : web_assets())
    all.push_back({.path = a.path == "index.html" ? "/" : "/" + std::string{a.path},
                   .content_type = std::string{a.content_type},
                   .bytes = text(a.gzip.empty() ? a.bytes : a.gzip),
                   .gzip = !a.gzip.empty()});
  return all;
}

} // namespace

result<admin_listener> admin_listener::prepare(const run_options& options) {
  admin_listener made;
  made.drain_timeout_ = options.drain_timeout;
  if (options.admin == "off")
    return made;
  admin_options o;
  o.version = WEIR_VERSION;
  o.assets = dashboard();
  o.http.port = admin::usual_port;
  made.demanded_ = !options.admin.empty();
  if (made.demanded_) {
    auto address = parse_listen_address(options.admin);
    if (!address) {
      error why = address.error();
      why.where = "--admin";
      return why;
    }
    o.http.access.host = address->host;
    o.http.port = address->port;
  }
  if (!options.admin_token_file.empty()) {
    auto token = token_in(options.admin_token_file);
    if (!token)
      return token.error();
    o.http.access.token = *std::move(token);
  }
  o.http.access.allowed_hosts = options.admin_allowed_hosts;
  o.http.access.insecure = options.insecure;
  o.http.tls = {.certificate = options.admin_tls_cert, .key = options.admin_tls_key};
  if (!o.http.tls.empty())
    if (const auto usable = server_context(o.http.tls); !usable)
      return usable.error(); // whether an address was asked for or not
  admin trial{o, {}};
  if (const auto can = trial.start(); !can) {
    if (options.admin.empty())
      return made; // another run has the usual port
    error why = can.error();
    why.where = "--admin " + options.admin;
    return why;
  }
  made.options_ = std::move(o);
  return made;
}

void admin_listener::start(const running& job, std::function<std::string()> more_metrics,
                           const cluster::coordinator* hosts) {
  observer_options o{.version = WEIR_VERSION,
                     .drain_timeout = drain_timeout_,
                     .more_metrics = std::move(more_metrics),
                     .cluster_json = {}};
  if (hosts != nullptr) {
    o.cluster_json = [hosts] { return hosts->json(); };
    o.more_metrics = [hosts, others = std::move(o.more_metrics)] {
      return hosts->metrics() + (others ? others() : std::string{});
    };
  }
  seen_ = std::make_unique<run_observer>(job, std::move(o));
  if (!options_)
    return;
  listener_ = std::make_unique<admin>(*options_, seen_->target());
  const auto started = listener_->start();
  if (started)
    return;
  listener_.reset(); // taken by another between the trial and now
  if (demanded_)
    print_error(started.error());
}

std::optional<std::string> admin_listener::reload_certificate() {
  if (!listener_ || options_->http.tls.empty())
    return std::nullopt;
  const std::string name = options_->http.tls.certificate.filename().string();
  const auto read = listener_->reload_certificate();
  return read ? name + ": read again" : name + ": stays as it was: " + read.error().message();
}

std::string admin_listener::url() const { return listener_ ? listener_->url() : std::string{}; }

} // namespace weir::reviews
