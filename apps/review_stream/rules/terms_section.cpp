#include <apps/review_stream/rules/sections.hpp>

#include <algorithm>
#include <map>

namespace weir::reviews {
namespace {

constexpr std::size_t max_names = 1000;
constexpr std::size_t max_terms_a_section = 10'000;

// Names end up in results, reasons and URLs: letters of any script, digits, _ and -.
bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
  });
}

bool good_language(std::string_view code) {
  return code == any_language || (code.size() >= 2 && code.size() <= 3 &&
                                  std::ranges::all_of(code, [](char c) { return c >= 'a' && c <= 'z'; }));
}

} // namespace

void each_named(section& file, std::string_view name, const std::string& example,
                const std::function<void(const std::string& name, section& inner)>& each) {
  const toml::node* node = file.node(name);
  const toml::table* table = node == nullptr ? nullptr : file.table(name, *node, "write " + example);
  if (table == nullptr)
    return;
  section all{file.file(), *table, std::string{name}};
  std::size_t names = 0;
  all.rest([&](const std::string& inner_name, const toml::node& inner_node) {
    const toml::table* inner_table = all.table(inner_name, inner_node, "write " + example);
    if (inner_table == nullptr)
      return;
    if (!good_name(inner_name))
      return all.wrong(inner_name, inner_node, "not a good name",
                       "use at most 64 letters, digits, _ and -, as in " + example);
    if (++names > max_names)
      return all.wrong(inner_name, inner_node, "more than 1,000 sections", "merge some of them");
    section inner{file.file(), *inner_table, all.name_of(inner_name)};
    each(inner_name, inner);
    if (auto read = inner.finish(); !read)
      all.wrong(read.error());
  });
  if (auto read = all.finish(); !read)
    file.wrong(read.error());
}

void each_term(
    section& owner, const std::string& language, const toml::node& terms,
    const std::function<void(const std::string& text, const toml::node& at, const toml::node* value)>& each) {
  if (!good_language(language))
    return owner.wrong(language, terms, "'" + language + "' is neither a field nor a language",
                       "put terms under a language: en, de, es, zh, another ISO 639 code, or any");
  std::map<std::string, std::string, std::less<>> seen; // as compared, as written
  const auto term = [&](section& at, const std::string& field, const std::string& text,
                        const toml::node& node, const toml::node* value) {
    auto spelled = spell_term(text);
    if (!spelled)
      return at.wrong(field, node, spelled.error().what, spelled.error().fix);
    const auto [first, added] = seen.try_emplace(*std::move(spelled), text);
    if (!added)
      return at.wrong(field, node, "the term '" + text + "' comes twice, first as '" + first->second + "'",
                      "remove one of them: capitals, apostrophes and commas do not count");
    if (seen.size() > max_terms_a_section)
      return at.wrong(field, node, "more than 10,000 terms", "remove the rarest");
    each(text, node, value);
  };
  if (const toml::array* list = terms.as_array()) {
    for (const toml::node& one : *list) {
      const auto text = one.value_exact<std::string>();
      if (!text)
        return owner.wrong(language, one, "not a text", "write each term in quotes");
      term(owner, language, *text, one, nullptr);
    }
    return;
  }
  const toml::table* table = owner.table(language, terms, "write a section of terms, or a list");
  if (table == nullptr)
    return;
  section words{owner.file(), *table, owner.name_of(language)};
  words.rest([&](const std::string& text, const toml::node& node) { term(words, text, text, node, &node); });
  if (auto read = words.finish(); !read)
    owner.wrong(read.error());
}

} // namespace weir::reviews
