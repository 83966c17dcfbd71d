#include <bench/plot.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <stdexcept>

namespace weir::bench {

namespace {

constexpr const char* weir_colour = "0x1f77b4";
constexpr const char* other_colour = "0xb0b0b0";

/// Names come from a file that may be anybody's: nothing of gnuplot's language gets through.
std::string plain(const std::string& text) {
  std::string made;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
      made += c;
  return made;
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", x);
  return text;
}

std::string picture(const std::string& title, int width) {
  return "set terminal svg noenhanced size " + std::to_string(width) +
         ",420 dynamic background 'white' font 'sans-serif,13'\n"
         "set title '" +
         plain(title) +
         "'\n"
         "set grid ytics lc rgb '#dddddd'\nset border 3\nset tics nomirror\n";
}

bool has_latency(const measured& m) { return m.figures.contains("p50_us") || m.figures.contains("p99_us"); }

plot bars(const std::string& workload, const std::vector<const measured*>& rows) {
  std::string script = "$data << END\n";
  for (const measured* m : rows) {
    const std::vector<double> rates = m->rates();
    const auto [least, most] = std::ranges::minmax(rates);
    script += plain(m->variant) + " " + number(m->per_second() / 1e6) + " " + number(least / 1e6) + " " +
              number(most / 1e6) + " " + (m->variant.starts_with("weir") ? weir_colour : other_colour) + "\n";
  }
  script += "END\n" + picture(workload, 240 + 60 * static_cast<int>(rows.size()));
  script += "set ylabel 'million records a second (median, least, most)'\nset yrange [0:*]\n"
            "set style fill solid 1.0\nset boxwidth 0.7\nset xtics rotate by -35\nunset key\n"
            "plot $data using 0:2:3:4:5:xtic(1) with boxerrorbars lc rgb variable\n";
  return {plain(workload), script};
}

struct curve {
  std::string label;
  std::map<double, double> points;
  bool dashed = false;
};

std::string curves(const std::vector<curve>& all, bool log_y) {
  std::string data;
  std::string lines;
  int colour = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string block = "$curve" + std::to_string(i);
    data += block + " << END\n";
    for (const auto& [x, y] : all[i].points)
      data += number(x) + " " + number(y) + "\n";
    data += "END\n";
    colour += all[i].dashed ? 0 : 1; // the dashed one goes with the one before it
    lines += std::string{i == 0 ? "plot " : ", "} + block +
             " using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc " + std::to_string(colour) +
             (all[i].dashed ? " dt 2" : "") + " title '" + all[i].label + "'";
  }
  return data + "set logscale x\n" + (log_y ? "set logscale y\n" : "set yrange [0:*]\n") +
         "set key outside right top\n" + lines + "\n";
}

plot latency(const std::string& workload, const std::vector<const measured*>& rows) {
  std::map<std::string, std::pair<curve, curve>> series;
  for (const measured* m : rows)
    if (const auto name = parse_numbered(m->variant)) {
      auto& [p50, p99] = series[name->series];
      p50.label = plain(name->series) + " p50";
      p99.label = plain(name->series) + " p99";
      p99.dashed = true;
      if (const auto at = m->figures.find("p50_us"); at != m->figures.end())
        p50.points[name->number] = median(at->second);
      if (const auto at = m->figures.find("p99_us"); at != m->figures.end())
        p99.points[name->number] = median(at->second);
    }
  std::vector<curve> all;
  for (auto& [name, two] : series) {
    all.push_back(std::move(two.first));
    all.push_back(std::move(two.second));
  }
  if (all.empty())
    return {};
  return {plain(workload), picture(workload, 720) +
                               "set xlabel 'records a second'\nset ylabel 'microseconds from end to end'\n" +
                               curves(all, true)};
}

/// A plot a series where every variant is numbered, and one series at least is a curve.
std::vector<plot> series_of(const std::string& workload, const std::vector<const measured*>& rows) {
  std::vector<std::pair<std::string, curve>> series; // in the order of the results
  for (const measured* m : rows) {
    const auto name = parse_numbered(m->variant);
    if (!name)
      return {};
    auto at = std::ranges::find(series, name->series, &std::pair<std::string, curve>::first);
    if (at == series.end())
      at = series.insert(series.end(), {name->series, curve{.label = plain(name->series), .points = {}}});
    at->second.points[name->number] = m->per_second() / 1e6;
  }
  if (std::ranges::none_of(series, [](const auto& s) { return s.second.points.size() > 2; }))
    return {};
  std::vector<plot> made;
  for (auto& [name, c] : series)
    made.push_back({plain(workload + "-" + name),
                    picture(workload + "-" + name, 560) + "set xlabel '" + plain(name) +
                        "'\nset ylabel 'million records a second'\n" + curves({c}, false)});
  return made;
}

} // namespace

std::optional<numbered_name> parse_numbered(const std::string& variant) {
  const auto dash = variant.rfind('-');
  if (dash == std::string::npos || dash == 0)
    return std::nullopt;
  const char* const first = variant.data() + dash + 1;
  const char* const last = variant.data() + variant.size();
  double x = 0;
  const auto [end, failed] = std::from_chars(first, last, x, std::chars_format::fixed);
  if (failed != std::errc{} || x <= 0)
    return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(last - end)};
  if (!unit.empty() && unit != "k" && unit != "M")
    return std::nullopt;
  return numbered_name{variant.substr(0, dash), x * (unit == "k" ? 1e3 : unit == "M" ? 1e6 : 1)};
}

std::vector<plot> plots_of(const std::vector<measured>& all) {
  std::vector<std::pair<std::string, std::vector<const measured*>>> workloads; // in the order of the results
  for (const measured& m : all) {
    auto at = std::ranges::find_if(workloads, [&](const auto& w) { return w.first == m.workload; });
    if (at == workloads.end())
      at = workloads.insert(workloads.end(), {m.workload, {}});
    at->second.push_back(&m);
  }
  std::vector<plot> made;
  for (const auto& [name, rows] : workloads) {
    if (std::ranges::any_of(rows, [](const measured* m) { return has_latency(*m); })) {
      if (plot p = latency(name, rows); !p.name.empty())
        made.push_back(std::move(p));
    } else if (auto some = series_of(name, rows); !some.empty()) {
      std::ranges::move(some, std::back_inserter(made));
    } else {
      made.push_back(bars(name, rows));
    }
  }
  return made;
}

std::vector<std::filesystem::path> draw(const std::vector<plot>& plots, const std::filesystem::path& folder) {
  if (std::system("command -v gnuplot > /dev/null 2>&1") != 0)
    throw std::runtime_error("gnuplot is missing, which draws the plots; apt-get install gnuplot-nox");
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> files;
  for (const plot& p : plots) {
    const auto file = folder / (p.name + ".svg");
    // The file's name goes in as a quoted string; a quote in it is doubled.
    std::string quoted;
    for (const char c : file.string())
      quoted += c == '\'' ? std::string{"''"} : std::string{c};
    const std::string script = "set output '" + quoted + "'\n" + p.script;
    FILE* const to = ::popen("gnuplot", "w");
    if (to == nullptr)
      throw std::runtime_error("gnuplot cannot be started");
    const bool told = std::fwrite(script.data(), 1, script.size(), to) == script.size();
    if (const int status = ::pclose(to); !told || status != 0)
      throw std::runtime_error("gnuplot did not draw " + file.string() + ": see its message above");
    files.push_back(file);
  }
  return files;
}

} // namespace weir::bench
