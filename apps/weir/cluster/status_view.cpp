#include <apps/weir/cluster/status_view.hpp>

#include <apps/weir/top/text.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace weir::cluster {

namespace {

namespace json = boost::json;

constexpr std::size_t columns = 12;
using row = std::array<std::string, columns>;

const json::value* at(const json::object& o, std::string_view key) {
  const auto found = o.find(key);
  return found == o.end() ? nullptr : &found->value();
}
std::optional<double> number(const json::object& o, std::string_view key) {
  const auto* const v = at(o, key);
  if (v == nullptr || !v->is_number())
    return std::nullopt;
  return v->to_number<double>();
}
std::string text(const json::object& o, std::string_view key) {
  const auto* const v = at(o, key);
  return v != nullptr && v->is_string() ? top::printable(v->as_string(), 256) : "-";
}
std::string whole(const json::object& o, std::string_view key) {
  const auto n = number(o, key);
  return n ? std::to_string(static_cast<long long>(std::clamp(*n, 0.0, 9e15))) : "-";
}

std::string labels_of(const json::object& o) {
  const auto* const v = at(o, "labels");
  std::string all;
  if (v != nullptr && v->is_object())
    for (const auto& [key, value] : v->as_object())
      if (value.is_string())
        all += (all.empty() ? "" : ",") + top::printable(key, 256) + "=" +
               top::printable(value.as_string(), 256);
  return all.empty() ? "-" : all;
}

row row_of(const json::object& m) {
  return {text(m, "name"),
          text(m, "state"),
          whole(m, "incarnation"),
          text(m, "version"),
          whole(m, "workers_busy") + "/" + whole(m, "workers"),
          number(m, "load") ? top::percent_text(number(m, "load")) + " %" : "-",
          whole(m, "links"),
          number(m, "round_trip_ms") ? top::ms_text(number(m, "round_trip_ms")) : "-",
          top::bytes_text(number(m, "bytes_sent")),
          top::bytes_text(number(m, "bytes_received")),
          number(m, "last_seen_s") ? top::seconds_text(number(m, "last_seen_s")) : "-",
          labels_of(m)};
}

std::string table(const std::vector<row>& rows) {
  std::array<std::size_t, columns> widths{};
  for (const row& r : rows)
    for (std::size_t c = 0; c < columns; ++c)
      widths[c] = std::max(widths[c], top::width_of(r[c]));
  std::string all;
  for (const row& r : rows) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c)
      line += (c > 0 ? "  " : "") + (c + 1 < columns ? top::left(r[c], widths[c]) : r[c]);
    all += line + '\n';
  }
  return all;
}

} // namespace

result<std::string> status_text(std::string_view given) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(json::string_view{given.data(), given.size()}, failed);
  const auto* const all = failed ? nullptr : parsed.if_object();
  const auto* const list = all != nullptr ? at(*all, "members") : nullptr;
  if (list == nullptr || !list->is_array())
    return permanent("the answer is not that of a cluster", "GET /api/v1/cluster",
                     "is it the coordinator's admin listener?");
  const auto* const name = at(*all, "name");
  if (name == nullptr || !name->is_string())
    return std::string{"no cluster: this run has no --cluster-listen\n"};
  std::vector<row> rows{{"HOST", "STATE", "INC", "VERSION", "BUSY", "LOAD", "LINKS", "RTT ms", "SENT",
                         "RECEIVED", "SEEN", "LABELS"}};
  for (const json::value& m : list->as_array())
    if (m.is_object())
      rows.push_back(row_of(m.as_object()));
  const std::size_t hosts = rows.size() - 1;
  std::string said =
      "cluster '" + text(*all, "name") + "': " + std::to_string(hosts) + (hosts == 1 ? " host" : " hosts");
  const auto* const begun = at(*all, "begun");
  if (begun != nullptr && begun->is_bool() && !begun->as_bool())
    said += "; the run begins when " + whole(*all, "hosts_wanted") + " have joined";
  said += '\n';
  return hosts == 0 ? said : said + table(rows);
}

} // namespace weir::cluster
