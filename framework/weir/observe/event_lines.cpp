#include <weir/observe/event_lines.hpp>

#include <weir/base/utf8.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

namespace weir {

namespace {

constexpr std::size_t longest_cause = 1'000;
constexpr std::size_t most_seen = 1'000; // different repeats watched at a time
constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warning", "error", "off"};

std::string time_text(std::chrono::system_clock::time_point t) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), ((ms % 1000) + 1000) % 1000);
}

bool plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == ':' || c == '/';
}

std::string value_text(std::string_view value) {
  if (!value.empty() && std::ranges::all_of(value, plain))
    return std::string{value};
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\')
      text += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      text += c;
  }
  return text + '"';
}

} // namespace

std::string_view to_string(log_level level) noexcept { return level_names[static_cast<std::size_t>(level)]; }

std::optional<log_level> log_level_of(std::string_view word) noexcept {
  if (word == "warn")
    return log_level::warning;
  const auto* const found = std::ranges::find(level_names, word);
  if (found == level_names.end())
    return std::nullopt;
  return static_cast<log_level>(found - level_names.begin());
}

log_level level_of(event_kind kind) noexcept {
  switch (kind) {
  case event_kind::restart:
  case event_kind::timeout:
  case event_kind::outage:
  case event_kind::dead_letter:
  case event_kind::host_lost:
  case event_kind::host_refused:
    return log_level::warning;
  case event_kind::escalation:
  case event_kind::failed:
    return log_level::error;
  case event_kind::started:
  case event_kind::recovered:
  case event_kind::scale_up:
  case event_kind::scale_down:
  case event_kind::paused:
  case event_kind::resumed:
  case event_kind::drain:
  case event_kind::ended:
  case event_kind::replay:
  case event_kind::host_joined:
  case event_kind::host_left:
    break;
  }
  return log_level::info;
}

std::vector<std::string> event_lines::take(std::span<const event> events, time_point now) {
  std::vector<std::string> lines;
  for (const event& e : events) {
    if (level_of(e.kind) < least_ || least_ == log_level::off)
      continue;
    auto [at, is_new] = seen_.try_emplace({e.kind, e.node, e.cause});
    repeated& r = at->second;
    if (is_new) {
      r.told = now;
      lines.push_back(line(e, 0));
    } else {
      ++r.more;
      r.last = e;
    }
  }
  for (auto at = seen_.begin(); at != seen_.end();) {
    repeated& r = at->second;
    if (now - r.told < quiet && seen_.size() <= most_seen) {
      ++at;
      continue;
    }
    if (r.more == 0) {
      at = seen_.erase(at);
      continue;
    }
    lines.push_back(line(r.last, std::exchange(r.more, 0)));
    r.told = now;
    ++at;
  }
  return lines;
}

std::vector<std::string> event_lines::rest() {
  std::vector<std::string> lines;
  for (const auto& [what, r] : seen_)
    if (r.more > 0)
      lines.push_back(line(r.last, r.more));
  seen_.clear();
  return lines;
}

std::string event_lines::line(const event& e, std::uint64_t more) const {
  std::string cause = e.cause;
  if (cause.size() > longest_cause)
    cause = to_utf8(std::string_view{cause}.substr(0, longest_cause)) + "…";
  const auto level = to_string(level_of(e.kind));
  if (format_ == log_format::json) {
    boost::json::object o;
    o["time"] = time_text(e.time);
    o["level"] = level;
    o["event"] = to_string(e.kind);
    o["workflow"] = workflow_;
    if (!e.node.empty())
      o["node"] = e.node;
    if (e.worker >= 0)
      o["worker"] = e.worker;
    if (!cause.empty())
      o["cause"] = to_utf8(cause);
    if (more > 0)
      o["repeated"] = more;
    return boost::json::serialize(o);
  }
  std::string text =
      fmt::format("{} {} {} workflow={}", time_text(e.time), level, to_string(e.kind), value_text(workflow_));
  if (!e.node.empty())
    text += " node=" + value_text(e.node);
  if (e.worker >= 0)
    text += " worker=" + std::to_string(e.worker);
  if (!cause.empty())
    text += " cause=" + value_text(cause);
  if (more > 0)
    text += fmt::format(" … {} more", more);
  return text;
}

} // namespace weir
