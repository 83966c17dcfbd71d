#include <bench/results.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace weir::bench {

namespace json = boost::json;

std::string as_json(const std::vector<measured>& all) {
  json::array rows;
  for (const measured& m : all) {
    json::object ratios;
    for (const auto& [word, ratio] : m.ratio_to)
      ratios[word] = ratio;
    json::object figures;
    for (const auto& [name, each] : m.figures)
      figures[name] = median(each);
    rows.push_back(json::object{{"workload", m.workload},
                                {"variant", m.variant},
                                {"records", m.records},
                                {"repeat", json::array(m.seconds.begin(), m.seconds.end())},
                                {"median_per_s", m.per_second()},
                                {"ratio_to", std::move(ratios)},
                                {"cpu_s", median(m.cpu)},
                                {"rss_mib", m.peak_mib},
                                {"figures", std::move(figures)}});
  }
  return json::serialize(rows) + "\n";
}

std::vector<measured> from_json(std::string_view text) {
  std::vector<measured> all;
  try {
    const json::value whole = json::parse(json::string_view{text.data(), text.size()});
    for (const json::value& row : whole.as_array()) {
      measured m;
      m.workload = row.at("workload").as_string();
      m.variant = row.at("variant").as_string();
      m.records = row.at("records").to_number<std::uint64_t>();
      for (const json::value& s : row.at("repeat").as_array())
        m.seconds.push_back(s.to_number<double>());
      m.cpu.push_back(row.at("cpu_s").to_number<double>());
      m.peak_mib = row.at("rss_mib").to_number<double>();
      for (const auto& [word, ratio] : row.at("ratio_to").as_object())
        m.ratio_to[word] = ratio.to_number<double>();
      for (const auto& [name, x] : row.at("figures").as_object())
        m.figures[name].push_back(x.to_number<double>());
      all.push_back(std::move(m));
    }
  } catch (const std::exception& e) {
    throw std::runtime_error(std::string{"these are no results of weir-bench run --json: "} + e.what());
  }
  return all;
}

std::vector<measured> read_results(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    throw std::runtime_error("cannot read file " + file);
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  try {
    return from_json(text);
  } catch (const std::exception& e) {
    throw std::runtime_error("file " + file + ": " + e.what());
  }
}

void check_writable(const std::string& file) {
  if (!std::ofstream{file, std::ios::binary | std::ios::app})
    throw std::runtime_error("cannot write file " + file);
}

void write_results(const std::string& file, const std::vector<measured>& all) {
  std::ofstream out{file, std::ios::binary};
  if (!(out << as_json(all) << std::flush))
    throw std::runtime_error("cannot write file " + file);
}

} // namespace weir::bench
