#include <apps/review_stream/commands/generate_options.hpp>

#include <apps/review_stream/commands/terminal.hpp>
#include <apps/review_stream/results/json_text.hpp>

#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

namespace weir::reviews {

namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return n;
}

} // namespace

result<std::vector<std::pair<std::string, std::uint32_t>>> parse_language_shares(const std::string& text,
                                                                                 const phrase_book& book) {
  std::vector<std::pair<std::string, std::uint32_t>> shares;
  std::uint64_t total = 0;
  for (const auto part : split(text)) {
    const auto equals = part.find('=');
    const std::string code{part.substr(0, equals)};
    const auto share =
        equals == std::string_view::npos ? std::nullopt : whole_number(part.substr(equals + 1));
    if (!share || *share > 1'000'000)
      return permanent("'" + std::string{part} + "' is not a share of a language", "--languages",
                       "give a code and a whole number up to 1000000 each, such as en=60,de=40");
    if (!book.language(code)) {
      std::string all;
      for (const auto& l : book.languages) {
        all += all.empty() ? "" : ", ";
        all += l.code;
      }
      return permanent("no phrases in the language '" + code + "'", "--languages",
                       "use " + all + ", or add [languages." + code + "] to the file of phrases");
    }
    total += *share;
    shares.emplace_back(code, *share);
  }
  if (total == 0)
    return permanent("no language has a share", "--languages", "give at least one a number above 0");
  return shares;
}

result<std::vector<mess>> parse_mess_kinds(const std::string& text) {
  std::vector<mess> kinds;
  for (const auto name : split(text)) {
    if (const auto kind = mess_named(name)) {
      kinds.push_back(*kind);
      continue;
    }
    std::string all = "all";
    for (std::size_t i = 0; i < mess_kinds; ++i)
      all.append(", ").append(to_string(static_cast<mess>(i)));
    if (name != "all")
      return permanent("unknown kind of mess '" + std::string{name} + "'", "--mess-kinds", "use " + all);
    for (std::size_t i = 0; i < mess_kinds; ++i)
      kinds.push_back(static_cast<mess>(i));
  }
  return kinds;
}

result<calendar_time> parse_start(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const auto all_of = [&](const char* form, int expected) {
    used = -1;
    return std::sscanf(text.c_str(), form, &year, &month, &day, &hour, &minute, &second, &used) == expected &&
           used == static_cast<int>(text.size());
  };
  // NOLINTBEGIN(cert-err34-c): every digit is checked by its place, and the ranges below
  bool fits = all_of("%4d-%2d-%2dT%2d:%2d:%2dZ%n", 6);
  if (!fits) {
    second = 0;
    fits =
        std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute, &used) == 5 &&
        used == static_cast<int>(text.size());
  }
  if (!fits) {
    hour = minute = 0;
    fits = std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 &&
           used == static_cast<int>(text.size());
  }
  // NOLINTEND(cert-err34-c)
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!fits || !date.ok() || year < 1970 || year > 9000 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 59)
    return permanent("'" + text + "' is not a time", "--start",
                     "use ISO 8601 in UTC, such as 2026-05-04T12:30:00Z");
  return calendar_time{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                       std::chrono::seconds{second}};
}

std::string made_text(const generator_counts& made, double seconds) {
  std::string text = with_commas(made.lines) + " lines, " + with_commas(made.bytes) + " bytes in " +
                     in_words(duration{static_cast<duration::rep>(seconds * 1e9)}) + ": " +
                     with_commas(made.clean) + " clean, " + with_commas(made.contradictory) +
                     " of them rated against their text\nlanguages:";
  for (const auto& [code, n] : made.languages)
    text += " " + code + " " + with_commas(n);
  text += "\nmess:";
  bool any = false;
  for (std::size_t i = 0; i < mess_kinds; ++i)
    if (made.mess[i] > 0) {
      text += std::string{any ? "," : ""} + " " + std::string{to_string(static_cast<mess>(i))} + " " +
              with_commas(made.mess[i]);
      any = true;
    }
  return text + (any ? "\n" : " none\n");
}

std::string made_json(const generator_counts& made, double seconds) {
  std::string text;
  json_text out{text};
  out.field("lines", made.lines).field("bytes", made.bytes).field("clean", made.clean);
  out.field("contradictory", made.contradictory).field("dead_letters", made.dead_letters());
  out.field("duplicates", made.of(mess::repeated_id));
  auto languages = out.object("languages");
  for (const auto& [code, n] : made.languages)
    languages.field(code, n);
  languages.end();
  auto planted = out.object("mess");
  for (std::size_t i = 0; i < mess_kinds; ++i)
    planted.field(to_string(static_cast<mess>(i)), made.mess[i]);
  planted.end();
  out.field("duration_s", seconds).end();
  return text;
}

} // namespace weir::reviews
