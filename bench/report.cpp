#include <bench/report.hpp>

#include <algorithm>
#include <cstdio>
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace weir::bench {

namespace {

std::string number(double x, int digits, int width) {
  char text[64];
  std::snprintf(text, sizeof text, "%*.*f", width, digits, x);
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

} // namespace

std::string as_table(const std::vector<measured>& all) {
  std::set<std::string> others;
  std::size_t widest = 7;
  for (const measured& m : all) {
    widest = std::max(widest, m.variant.size());
    for (const auto& [word, ratio] : m.ratio_to)
      others.insert(word);
  }
  std::string text = "  variant" + std::string(widest - 7, ' ') + "  records    median       min       max";
  for (const auto& word : others)
    text += right("x " + word, 11);
  text += "  records/s     CPU s  peak MiB\n";
  for (const measured& m : all) {
    const auto [least, most] = std::ranges::minmax(m.seconds);
    text += "  " + m.variant + std::string(widest - m.variant.size(), ' ');
    text += right(std::to_string(m.records), 9);
    for (const double s : {median(m.seconds), least, most})
      text += number(s, 3, 8) + " s";
    for (const auto& word : others) {
      const auto at = m.ratio_to.find(word);
      text += at == m.ratio_to.end() ? right("-", 11) : number(at->second, 3, 11);
    }
    text += number(m.per_second(), 1, 11) + number(median(m.cpu), 3, 10) + number(m.peak_mib, 1, 10) + "\n";
  }
  return text;
}

std::string as_json(const std::vector<measured>& all) {
  boost::json::array rows;
  for (const measured& m : all) {
    boost::json::object ratios;
    for (const auto& [word, ratio] : m.ratio_to)
      ratios[word] = ratio;
    rows.push_back(boost::json::object{{"workload", m.workload},
                                       {"variant", m.variant},
                                       {"repeat", boost::json::array(m.seconds.begin(), m.seconds.end())},
                                       {"median_per_s", m.per_second()},
                                       {"ratio_to", std::move(ratios)},
                                       {"cpu_s", median(m.cpu)},
                                       {"rss_mib", m.peak_mib}});
  }
  return boost::json::serialize(rows) + "\n";
}

} // namespace weir::bench
