#include <apps/review_stream/rules/rulebook.hpp>

#include <apps/review_stream/rules/sections.hpp>
#include <apps/review_stream/text/file_bytes.hpp>

#include <utility>

namespace weir::reviews {

result<rulebook> parse_rulebook(std::string_view toml, const std::string& where) {
  const auto table = parse_toml(toml, where);
  if (!table)
    return table.error();
  section file{where, *table, ""};
  const topic_section topics = read_topics(file);
  const urgency_section urgency = read_urgency(file);
  std::vector<std::string> urgency_names;
  for (const urgency_rule& rule : urgency.rules)
    urgency_names.push_back(rule.name);
  std::vector<route_rule> routes = read_routes(file, topics.names, urgency_names);
  if (auto read = file.finish(); !read)
    return read.error();
  return rulebook{taxonomy{topics.terms, topics.settings}, urgency_rules{urgency.rules, urgency.negations},
                  routing_rules{std::move(routes)}};
}

result<rulebook> load_rulebook(const std::filesystem::path& file) {
  const auto bytes = read_file_bytes(file);
  if (!bytes)
    return bytes.error();
  return parse_rulebook(*bytes, file.string());
}

} // namespace weir::reviews
