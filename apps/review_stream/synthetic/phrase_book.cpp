#include <apps/review_stream/synthetic/phrase_book.hpp>

#include <apps/review_stream/text/toml_file.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace weir::reviews {

std::string_view to_string(mood m) noexcept {
  static constexpr std::array<std::string_view, 3> names{"positive", "negative", "neutral"};
  return names[static_cast<std::size_t>(m)];
}

std::optional<std::size_t> phrase_book::language(std::string_view code) const {
  for (std::size_t i = 0; i < languages.size(); ++i)
    if (languages[i].code == code)
      return i;
  return std::nullopt;
}

namespace {

using strings = std::vector<std::string>;

/// Where names of slots lead, in one language.
using slot_names = std::map<std::string, std::uint32_t, std::less<>>;

/// Reads one file; throws weir::error, which the functions at the end turn into a result.
class book_reader {
 public:
  explicit book_reader(const std::string& file) : file_(file) {}

  phrase_book read(const toml::table& root) {
    known(root, "",
          {"topics", "complaints", "defects_repeat", "emoji", "placeholders", "categories", "languages"});
    book_.topics = list(root, "", "topics");
    book_.complaint.assign(book_.topics.size(), false);
    if (root.contains("complaints"))
      for (const auto& name : list(root, "", "complaints"))
        book_.complaint[topic(*root.get("complaints"), "complaints", name)] = true;
    book_.emoji = list(root, "", "emoji");
    book_.placeholders = list(root, "", "placeholders");
    if (root.contains("defects_repeat"))
      book_.defects_repeat = number(root, "", "defects_repeat", 1, 1'000'000'000);
    read_categories(root);
    for (const auto& [code, node] : table(root, "", "languages"))
      read_language(std::string{code.str()}, as_table(node, "languages." + std::string{code.str()}));
    return std::move(book_);
  }

 private:
  [[noreturn]] void wrong(const toml::node& at, const std::string& field, std::string what,
                          std::string fix) const {
    throw wrong_field(file_, at, field, std::move(what), std::move(fix));
  }

  static std::string path(const std::string& parent, std::string_view field) {
    return parent.empty() ? std::string{field} : parent + "." + std::string{field};
  }

  const toml::node& required(const toml::table& in, const std::string& parent, std::string_view field) const {
    const toml::node* node = in.get(field);
    if (node == nullptr)
      wrong(in, path(parent, field), "the field is missing",
            "add it; the head of the file explains each field");
    return *node;
  }
  const toml::table& as_table(const toml::node& node, const std::string& field) const {
    if (const auto* t = node.as_table(); t != nullptr && !t->empty())
      return *t;
    wrong(node, field, "not a table with entries", "write [" + field + "] and its entries below");
  }
  const toml::table& table(const toml::table& in, const std::string& parent, std::string_view field) const {
    return as_table(required(in, parent, field), path(parent, field));
  }
  std::string text(const toml::node& node, const std::string& field) const {
    if (const auto* s = node.as_string())
      return s->get();
    wrong(node, field, "not a text", "put it in quotes");
  }
  std::uint64_t number(const toml::table& in, const std::string& parent, std::string_view field,
                       std::int64_t least, std::int64_t most) const {
    const toml::node& node = required(in, parent, field);
    const auto* n = node.as_integer();
    if (n == nullptr || n->get() < least || n->get() > most)
      wrong(node, path(parent, field), "not a whole number that fits",
            "give one from " + std::to_string(least) + " to " + std::to_string(most));
    return static_cast<std::uint64_t>(n->get());
  }
  /// A list of texts, not empty.
  strings list(const toml::table& in, const std::string& parent, std::string_view field) const {
    const toml::node& node = required(in, parent, field);
    const auto* array = node.as_array();
    if (array == nullptr || array->empty())
      wrong(node, path(parent, field), "not a list of texts", R"(write ["one", "two"])");
    strings all;
    for (const toml::node& one : *array)
      all.push_back(text(one, path(parent, field)));
    return all;
  }
  void known(const toml::table& in, const std::string& parent,
             std::initializer_list<std::string_view> names) const {
    for (const auto& [key, node] : in)
      if (std::ranges::find(names, key.str()) == names.end()) {
        std::string all;
        for (const auto n : names)
          all += (all.empty() ? "" : ", ") + std::string{n};
        wrong(node, path(parent, key.str()), "unknown field", "use " + all);
      }
  }
  std::uint32_t topic(const toml::node& node, const std::string& field, const std::string& name) const {
    const auto at = std::ranges::find(book_.topics, name);
    if (at == book_.topics.end())
      wrong(node, field, "unknown topic '" + name + "'", "use one of those listed in 'topics'");
    return static_cast<std::uint32_t>(at - book_.topics.begin());
  }

  void read_categories(const toml::table& root) {
    const toml::node& node = required(root, "", "categories");
    const auto* array = node.as_array();
    if (array == nullptr || array->empty())
      wrong(node, "categories", "not a list of tables", "write [[categories]] and its fields below");
    std::vector<std::uint32_t> sold;
    for (const toml::node& one : *array) {
      const toml::table& in = as_table(one, "categories");
      known(in, "categories", {"name", "topics", "products"});
      made_up_category category{text(required(in, "categories", "name"), "categories.name"), {}};
      for (const auto& name : list(in, "categories", "topics"))
        category.topics.push_back(topic(*in.get("topics"), "categories.topics", name));
      const auto* products = required(in, "categories", "products").as_array();
      if (products == nullptr || products->empty())
        wrong(in, "categories.products", "not a list of products", R"(write {name = "…", sold = 10})");
      for (const toml::node& product : *products)
        sold.push_back(read_product(as_table(product, "categories.products")));
      book_.categories.push_back(std::move(category));
    }
    book_.sold = weights{sold};
  }

  std::uint32_t read_product(const toml::table& in) {
    const std::string at = "categories.products";
    known(in, at, {"name", "sold", "defect", "from", "to"});
    made_up_product made{text(required(in, at, "name"), at + ".name"),
                         static_cast<std::uint32_t>(book_.categories.size()), std::nullopt};
    if (const toml::node* about = in.get("defect")) {
      defect d{topic(*about, at + ".defect", text(*about, at + ".defect")), 0, 0};
      d.from = number(in, at, "from", 0, static_cast<std::int64_t>(book_.defects_repeat));
      d.to = number(in, at, "to", static_cast<std::int64_t>(d.from),
                    static_cast<std::int64_t>(book_.defects_repeat));
      made.defect = d;
    }
    book_.products.push_back(std::move(made));
    return static_cast<std::uint32_t>(number(in, at, "sold", 1, 1'000'000));
  }

  void read_language(const std::string& code, const toml::table& in) {
    const std::string at = "languages." + code;
    known(in, at,
          {"between", "openers", "urgent", "contact", "slots", "parts", "titles", "verdicts", "topics"});
    language_phrases made;
    made.code = code;
    made.between = text(required(in, at, "between"), at + ".between");
    slot_names slots{{"product", phrase::product}, {"part", phrase::part}};
    for (const auto& [name, node] : table(in, at, "slots")) {
      slots.insert_or_assign(std::string{name.str()}, static_cast<std::uint32_t>(made.slots.size()));
      made.slots.push_back(list(*in.get("slots")->as_table(), at + ".slots", name.str()));
    }
    const toml::table& parts = table(in, at, "parts");
    made.parts.resize(book_.categories.size());
    for (const auto& [name, node] : parts) {
      const auto category = std::ranges::find(book_.categories, name.str(), &made_up_category::name);
      if (category == book_.categories.end())
        wrong(node, at + ".parts." + std::string{name.str()}, "unknown category",
              "use the name of one of 'categories'");
      made.parts[static_cast<std::size_t>(category - book_.categories.begin())] =
          list(parts, at + ".parts", name.str());
    }
    made.openers = phrases(in, at, "openers", slots);
    made.urgent = phrases(in, at, "urgent", slots);
    made.contact = phrases(in, at, "contact", slots);
    made.titles = moods(table(in, at, "titles"), at + ".titles", slots);
    made.verdicts = moods(table(in, at, "verdicts"), at + ".verdicts", slots);
    const toml::table& topics = table(in, at, "topics");
    for (const auto& [name, node] : topics)
      (void)topic(node, at + ".topics", std::string{name.str()});
    for (const auto& name : book_.topics)
      made.topics.push_back(moods(table(topics, at + ".topics", name), at + ".topics." + name, slots));
    check_parts(in, made);
    book_.languages.push_back(std::move(made));
  }

  by_mood moods(const toml::table& in, const std::string& at, const slot_names& slots) const {
    known(in, at, {"positive", "negative", "neutral"});
    return {phrases(in, at, "positive", slots), phrases(in, at, "negative", slots),
            phrases(in, at, "neutral", slots)};
  }

  std::vector<phrase> phrases(const toml::table& in, const std::string& parent, std::string_view field,
                              const slot_names& slots) const {
    const strings all = list(in, parent, field);
    std::vector<phrase> made;
    for (std::size_t i = 0; i < all.size(); ++i)
      made.push_back(cut(all[i], *in.get(field)->as_array()->get(i), path(parent, field), slots));
    return made;
  }

  phrase cut(std::string_view said, const toml::node& node, const std::string& field,
             const slot_names& slots) const {
    phrase made;
    for (std::size_t at = 0;;) {
      const auto open = said.find('{', at);
      if (open == std::string_view::npos) {
        made.pieces.push_back({std::string{said.substr(at)}, phrase::nothing});
        return made;
      }
      const auto close = said.find('}', open);
      if (close == std::string_view::npos)
        wrong(node, field, "'{' without '}'", "write the name of a slot between them");
      const auto name = said.substr(open + 1, close - open - 1);
      const auto slot = slots.find(name);
      if (slot == slots.end())
        wrong(node, field, "unknown slot {" + std::string{name} + "}",
              "use {product}, {part}, or one of those in 'slots' of the language");
      made.pieces.push_back({std::string{said.substr(at, open - at)}, slot->second});
      at = close + 1;
    }
  }

  /// A category whose topics speak of a {part} must have parts.
  void check_parts(const toml::table& at, const language_phrases& in) const {
    const auto has_part = [](const phrase& p) {
      return std::ranges::any_of(p.pieces, [](const auto& piece) { return piece.slot == phrase::part; });
    };
    for (std::size_t c = 0; c < book_.categories.size(); ++c)
      for (const std::uint32_t t : book_.categories[c].topics)
        for (const auto& said : in.topics[t])
          if (in.parts[c].empty() && std::ranges::any_of(said, has_part))
            wrong(at, "languages." + in.code + ".parts." + book_.categories[c].name,
                  "the category has no parts, but sentences of its topic '" + book_.topics[t] +
                      "' use {part}",
                  "list some");
    for (const auto* more : {&in.openers, &in.urgent, &in.contact, in.titles.data(), &in.titles[1],
                             &in.titles[2], in.verdicts.data(), &in.verdicts[1], &in.verdicts[2]})
      if (std::ranges::any_of(*more, has_part))
        wrong(at, "languages." + in.code, "{part} stands outside 'topics'",
              "use it in sentences of topics only");
  }

  const std::string& file_;
  phrase_book book_;
};

} // namespace

result<phrase_book> parse_phrases(std::string_view text, const std::string& where) {
  const auto root = parse_toml(text, where);
  if (!root)
    return root.error();
  try {
    return book_reader{where}.read(*root);
  } catch (const error& why) {
    return why;
  }
}

result<phrase_book> read_phrases(const std::filesystem::path& file) {
  const auto root = read_toml(file);
  if (!root)
    return root.error();
  const std::string where = file.string();
  try {
    return book_reader{where}.read(*root);
  } catch (const error& why) {
    return why;
  }
}

} // namespace weir::reviews
