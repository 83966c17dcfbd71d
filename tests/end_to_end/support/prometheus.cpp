#include <tests/end_to_end/support/prometheus.hpp>

#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>

#include <cstdio>
#include <fstream>

#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace weir::test {
namespace {

constexpr const char* server = "/usr/bin/prometheus";
constexpr const char* tool = "/usr/bin/promtool";

std::string configuration(const std::filesystem::path& folder, std::uint16_t scraped_port) {
  const auto file = folder / "prometheus.yml";
  std::ofstream{file} << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                         "scrape_configs:\n"
                         "  - job_name: weir\n"
                         "    static_configs:\n"
                         "      - targets: [\"127.0.0.1:"
                      << scraped_port << "\"]\n";
  return file.string();
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", c);
    out += hex;
  }
  return out;
}

std::optional<boost::json::object> only_sample(std::uint16_t port, const std::string& expression) {
  const auto answer = boost::json::parse(
      weir_tests::body_of(weir_tests::ask(port, "GET", "/api/v1/query?query=" + escaped(expression))));
  const auto& found = answer.at("data").at("result").as_array();
  if (found.size() != 1)
    return std::nullopt;
  return found.front().as_object();
}

} // namespace

bool prometheus_is_there() {
  if (::access(server, X_OK) == 0 && ::access(tool, X_OK) == 0)
    return true;
  WARN("passed without: prometheus or promtool is missing (Debian package prometheus)");
  return false;
}

prometheus_server::prometheus_server(const std::filesystem::path& folder, std::uint16_t scraped_port)
    : port_(free_port()),
      server_(server, {"--config.file=" + configuration(folder, scraped_port),
                       "--storage.tsdb.path=" + (folder / "data").string(),
                       "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=warn"}) {
  REQUIRE(
      in_time([this] { return weir_tests::status_of(weir_tests::ask(port_, "GET", "/-/ready")) == 200; }));
}

std::optional<double> prometheus_server::value(const std::string& expression) const {
  const auto sample = only_sample(port_, expression);
  if (!sample)
    return std::nullopt;
  return std::stod(std::string{sample->at("value").as_array().at(1).as_string()});
}

std::string prometheus_server::label(const std::string& expression, const std::string& name) const {
  const auto sample = only_sample(port_, expression);
  if (!sample || !sample->at("metric").as_object().contains(name))
    return {};
  return std::string{sample->at("metric").at(name).as_string()};
}

finished check_metrics(const std::string& text) {
  process check{tool, {"check", "metrics"}, {.input = process_options::stream::piped}};
  check.write(text);
  return check.wait();
}

} // namespace weir::test
