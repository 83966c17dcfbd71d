#include <bench/report.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace weir::bench {

namespace {

std::string number(double x, int digits, int width) {
  char text[64];
  std::snprintf(text, sizeof text, "%*.*f", width, digits, x);
  return text;
}

/// Three digits that say something.
std::string figure(double x) {
  const double size = std::abs(x);
  return number(x, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4, 0);
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}
std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

/// Half the way from the least to the most, in per cent of the median.
double spread(const std::vector<double>& of) {
  const auto [least, most] = std::ranges::minmax(of);
  const double middle = median(of);
  return middle > 0 ? 50 * (most - least) / middle : 0;
}

std::string verdict(const std::vector<double>& before, const std::vector<double>& now) {
  const auto [was_least, was_most] = std::ranges::minmax(before);
  const auto [least, most] = std::ranges::minmax(now);
  if (before.size() < 2 || now.size() < 2)
    return "one repeat says nothing";
  return least > was_most ? "faster" : most < was_least ? "slower" : "noise";
}

} // namespace

std::string short_number(double x) {
  for (const auto& [unit, name] : {std::pair{1e9, " G"}, {1e6, " M"}, {1e3, " k"}})
    if (x >= unit)
      return number(x / unit, x >= 100 * unit ? 0 : x >= 10 * unit ? 1 : 2, 0) + name;
  return number(x, x >= 100 ? 0 : x >= 10 ? 1 : 2, 0) + "  ";
}

std::string as_table(const std::vector<measured>& all) {
  std::set<std::string> others;
  std::set<std::string> told;
  std::size_t widest = 7;
  for (const measured& m : all) {
    widest = std::max(widest, m.variant.size());
    for (const auto& [word, ratio] : m.ratio_to)
      others.insert(word);
    for (const auto& [name, each] : m.figures)
      told.insert(name);
  }
  const auto column = [](const std::string& name) { return std::max<std::size_t>(name.size() + 2, 10); };
  const auto times = [](const std::string& word) { return std::max<std::size_t>(word.size() + 4, 9); };
  std::string text = "  " + left("variant", widest) + "   records    median       min       max  records/s";
  for (const auto& word : others)
    text += right("x " + word, times(word));
  text += "     CPU s  peak MiB";
  for (const auto& name : told)
    text += right(name, column(name));
  text += "\n";
  for (const measured& m : all) {
    const auto [least, most] = std::ranges::minmax(m.seconds);
    text += "  " + left(m.variant, widest) + right(std::to_string(m.records), 10);
    for (const double s : {median(m.seconds), least, most})
      text += number(s, 3, 8) + " s";
    text += right(short_number(m.per_second()), 11);
    for (const auto& word : others) {
      const auto at = m.ratio_to.find(word);
      text += right(at == m.ratio_to.end() ? "-" : number(at->second, 3, 0), times(word));
    }
    text += number(median(m.cpu), 3, 10) + number(m.peak_mib, 1, 10);
    for (const auto& name : told) {
      const auto at = m.figures.find(name);
      text += right(at == m.figures.end() ? "-" : figure(median(at->second)), column(name));
    }
    text += "\n";
  }
  return text;
}

std::string as_changes(const std::vector<measured>& before, const std::vector<measured>& now) {
  std::size_t widest = 7;
  for (const measured& m : now)
    widest = std::max(widest, m.workload.size() + 1 + m.variant.size());
  std::string text =
      "  " + left("variant", widest) + "  before/s  spread     now/s  spread    change  verdict\n";
  for (const measured& m : now) {
    const auto same = [&](const measured& b) { return b.workload == m.workload && b.variant == m.variant; };
    const auto was = std::ranges::find_if(before, same);
    if (was == before.end() || was->seconds.empty() || was->per_second() <= 0)
      continue;
    const std::vector<double> then = was->rates();
    const std::vector<double> rates = m.rates();
    char change[32];
    std::snprintf(change, sizeof change, "%+.1f %%", 100 * (m.per_second() / was->per_second() - 1));
    text += "  " + left(m.workload + " " + m.variant, widest) + right(short_number(was->per_second()), 10) +
            number(spread(then), 1, 6) + " %" + right(short_number(m.per_second()), 10) +
            number(spread(rates), 1, 6) + " %" + right(change, 10) + "  " + verdict(then, rates);
    for (const auto& [name, each] : m.figures)
      if (const auto at = was->figures.find(name); at != was->figures.end())
        text += "; " + name + " " + figure(median(at->second)) + " -> " + figure(median(each));
    text += "\n";
  }
  return text;
}

} // namespace weir::bench
