#include <apps/review_stream/rules/sections.hpp>

#include <utility>

namespace weir::reviews {
namespace {

constexpr double max_weight = 1000;
constexpr std::size_t max_terms = 100'000;

taxonomy_settings read_settings(section& file) {
  taxonomy_settings s;
  const toml::node* node = file.node("settings");
  const toml::table* table = node == nullptr ? nullptr : file.table("settings", *node, "write [settings]");
  if (table == nullptr)
    return s;
  section fields{file.file(), *table, "settings"};
  s.min_confidence = fields.number("min_confidence", s.min_confidence, 0, 1);
  s.max_topics =
      static_cast<std::size_t>(fields.number("max_topics", static_cast<double>(s.max_topics), 1, 100));
  s.title_weight = fields.number("title_weight", s.title_weight, 1, max_weight);
  s.half_weight = fields.number("half_weight", s.half_weight, 0.01, max_weight);
  if (auto read = fields.finish(); !read)
    file.wrong(read.error());
  return s;
}

} // namespace

topic_section read_topics(section& file) {
  topic_section out;
  out.settings = read_settings(file);
  each_named(file, "topic", "[topic.delivery.en]", [&](const std::string& name, section& topic) {
    out.names.push_back(name);
    topic.rest([&](const std::string& language, const toml::node& terms) {
      if (!terms.is_table())
        return topic.wrong(language, terms, "a term without a language",
                           "move it to a section like [topic." + name + ".en]");
      each_term(
          topic, language, terms,
          [&](const std::string& text, const toml::node& at, const toml::node* value) {
            const bool exception = value->value_exact<bool>() == false;
            const double weight = value->is_number() ? value->value<double>().value_or(0) : 0;
            if (!exception && !(weight > 0 && weight <= max_weight))
              return topic.wrong(
                  language + "." + text, at, "the weight is not a number above 0, at most 1,000",
                  "write for instance \"" + text + "\" = 2, or = false when these words shall not count");
            if (out.terms.size() >= max_terms)
              return topic.wrong(language + "." + text, at, "more than 100,000 terms", "remove the rarest");
            out.terms.push_back({name, language, text, exception ? 1 : weight, exception});
          });
    });
  });
  return out;
}

} // namespace weir::reviews
