#include <apps/review_stream/commands/report_text.hpp>

#include <apps/review_stream/commands/terminal.hpp>

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::reviews {

namespace {

constexpr std::size_t most_rows = 10;

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string bar(double share_percent) {
  return std::string(static_cast<std::size_t>(share_percent * 0.3 + 0.5), '#');
}

std::string day_of(const std::string& ts) { return ts.substr(0, std::min<std::size_t>(10, ts.size())); }

void put_moods(std::string& out, const product_summary& all) {
  out += fmt::format("\nWhat {} reviews say", with_commas(all.reviews));
  if (!all.start.empty())
    out += fmt::format(" ({} to {})", day_of(all.start), day_of(all.end));
  out += '\n';
  const std::pair<const char*, std::uint64_t> moods[] = {{"positive", all.positive},
                                                         {"neutral", all.neutral},
                                                         {"negative", all.negative},
                                                         {"unknown", all.unknown}};
  for (const auto& [mood, n] : moods)
    if (n > 0 || all.unknown != n)
      out += fmt::format("  {:<10}{:>10}  {:>5.1f} %  {}\n", mood, with_commas(n), percent(n, all.reviews),
                         bar(percent(n, all.reviews)));
}

void put_products(std::string& out, std::vector<const product_summary*> products) {
  std::ranges::stable_sort(products, [](const auto* a, const auto* b) { return a->reviews > b->reviews; });
  out +=
      fmt::format("\n{}{:>10}{:>11}  {}\n", in_columns("Products", 34), "reviews", "negative", "most about");
  for (std::size_t i = 0; i < std::min(most_rows, products.size()); ++i) {
    const product_summary& p = *products[i];
    std::string topics;
    for (const auto& [name, said] : p.top_topics(3))
      topics += (topics.empty() ? "" : ", ") + name;
    out += fmt::format("  {}{:>10}{:>9.0f} %  {}\n",
                       in_columns(p.product.empty() ? "(no product named)" : p.product, 32),
                       with_commas(p.reviews), 100 * p.negative_share(), topics);
  }
  if (products.size() > most_rows)
    out += fmt::format("  and {} more\n", with_commas(products.size() - most_rows));
}

void put_topics(std::string& out, const product_summary& all) {
  const auto topics = all.top_topics(most_rows);
  if (topics.empty())
    return;
  out += fmt::format("\n{}{:>10}{:>11}\n", in_columns("Topics", 34), "reviews", "negative");
  for (const auto& [name, said] : topics)
    out += fmt::format("  {}{:>10}{:>9.0f} %  {}\n", in_columns(name, 32), with_commas(said.reviews),
                       percent(said.negative, said.reviews), bar(percent(said.reviews, all.reviews)));
}

/// "a 12, b 7", the largest first.
std::string listed(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [name, n] : sorted)
    text += (text.empty() ? "" : ", ") + name + " " + with_commas(n);
  return text;
}

void put_urgent(std::string& out, const product_summary& all) {
  if (all.urgent == 0)
    return;
  out += fmt::format("\nUrgent: {}  ({})\n", with_commas(all.urgent), listed(all.urgency_reasons));
  for (const auto& one : all.urgent_examples)
    out += fmt::format("  {}  {}  [{}]\n      \"{}\"\n", one.id, one.product, one.reason, one.text);
}

void put_answers(std::string& out, const product_summary& all) {
  if (all.answers.empty())
    return;
  out += fmt::format("\nResponses drafted: {}, of which {} may go out unread\n", with_commas(all.reviews),
                     with_commas(all.auto_sent));
  for (const auto& one : all.answers) {
    std::string answer = one.answer;
    std::ranges::replace(answer, '\n', ' ');
    out += fmt::format("  {}  \"{}\"\n    -> {}  ({})\n", one.id, one.text, answer, one.reason);
  }
}

} // namespace

std::string in_columns(std::string_view text, std::size_t columns) {
  std::string cut;
  std::size_t used = 0;
  for (std::string_view rest = text; !rest.empty();) {
    utf8proc_int32_t point = 0;
    const auto n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                    static_cast<utf8proc_ssize_t>(rest.size()), &point);
    const auto bytes = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(n, 1));
    const auto width =
        n < 0 ? std::size_t{1} : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(point)));
    const bool last = bytes == rest.size();
    if (used + width > (last ? columns : columns - 1)) {
      cut += "…";
      ++used;
      break;
    }
    cut += n < 0 ? std::string_view{"?"} : rest.substr(0, bytes);
    used += width;
    rest.remove_prefix(bytes);
  }
  cut.append(columns - std::min(columns, used), ' ');
  return cut;
}

std::string report_text(const report& products) {
  product_summary all;
  std::vector<const product_summary*> each;
  for (const auto& p : products) {
    all.merge(p);
    each.push_back(&p);
  }
  if (all.reviews == 0)
    return {};
  std::string out;
  put_moods(out, all);
  put_products(out, std::move(each));
  put_topics(out, all);
  put_urgent(out, all);
  out += fmt::format("\nRouted to: {}\n", listed(all.routes));
  put_answers(out, all);
  return out;
}

} // namespace weir::reviews
