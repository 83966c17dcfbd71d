#pragma once

// What `review-stream run` can be told, and how the words of the command line become it.

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>
#include <weir/cluster/options.hpp>
#include <weir/node/options.hpp>
#include <weir/observe/event_lines.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::reviews {

enum class summary_format : std::uint8_t { text, json };

struct run_options {
  std::vector<std::string> inputs;                  ///< files, directories, "-"; empty = the bundled sample
  std::vector<std::string> outputs;                 ///< output_uri texts; empty = sqlite:reviews.db
  std::vector<std::string> mappings;                ///< "FIELD=COLUMN", see input/field_map.hpp
  std::string model;                                ///< empty = the bundled model
  std::string topic_model;                          ///< trained topics; empty = the rules' terms
  std::string rules;                                ///< topics, urgency and routes; empty = the bundled file
  std::string responses;                            ///< templates; empty = the bundled file
  std::size_t dedupe = 1'000'000;                   ///< ids that are remembered; 0 = none
  std::size_t cache_bytes = std::size_t{16} << 20U; ///< of findings by text; 0 = none
  worker_range workers{};
  std::uint32_t batch = 0;
  duration timeout{0};
  std::uint32_t retries = 3;
  std::uint64_t limit = 0;
  bool follow = false;
  std::uint64_t rate = 0; ///< rows a second at most; 0 = no limit
  weir::isolation isolation = weir::isolation::automatic;
  std::string dead_letters = "dead-letters.jsonl";
  duration drain_timeout = std::chrono::seconds{30};
  summary_format summary = summary_format::text;
  std::string admin; ///< "HOST:PORT", "off"; empty = the usual address, if it is free
  std::string admin_token_file;
  std::vector<std::string> admin_allowed_hosts;
  std::string admin_tls_cert;  ///< PEM; empty = plain HTTP
  std::string admin_tls_key;   ///< PEM
  bool insecure = false;       ///< the listener may be off loopback without TLS
  std::string trace_endpoint;  ///< where spans go; empty = OTEL_EXPORTER_OTLP_ENDPOINT, "off" = nowhere
  double trace_sample = 0.001; ///< share of the rows
  log_format logs = log_format::text;
  log_level least_logged = log_level::warning;
  weir::cluster::cluster_options cluster; ///< `listen`: hosts may join
  bool fail_on_dead_letters = false;
  double max_dead_letters = 10; ///< per cent of 1,000 rows; 100 = no limit
};

/// Where results go.
struct output_uri {
  enum class kind : std::uint8_t { sqlite, json_lines, csv } what;
  std::string path; ///< "-" = standard output
};

/// The URI as it may be shown: "postgres://me:secret@host/db" becomes "postgres://me:***@host/db".
std::string without_password(std::string uri);

/// "sqlite:FILE", "jsonl:FILE", "csv:FILE", "file:PATH", "PATH" (by ending: .db .sqlite .sqlite3 = SQLite,
/// .csv = CSV, else JSON Lines), "-".
result<output_uri> parse_output(const std::string& text);
/// Input URIs to what line_source takes: "file:PATH" and "PATH" are paths, "-" is standard input.
result<std::string> parse_input(const std::string& text);
/// "4" or "2..10".
result<worker_range> parse_workers(const std::string& text);
/// "500ms", "30s", "5m", "1h", "1.5s"; "0" is zero. A number without a unit is an error.
result<duration> parse_duration(const std::string& text);
/// "1000", "16MiB" (KiB, MiB, GiB), "off" (0).
result<std::size_t> parse_count(const std::string& text);
result<weir::isolation> parse_isolation(const std::string& text);

} // namespace weir::reviews
