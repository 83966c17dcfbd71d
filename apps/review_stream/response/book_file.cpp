// Reads and checks the TOML of a response book: what is wrong is found here, at the start, not in a draft.

#include <apps/review_stream/response/response_book.hpp>

#include <apps/review_stream/response/contents.hpp>
#include <apps/review_stream/response/template_text.hpp>
#include <apps/review_stream/text/toml_file.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace weir::reviews {
namespace {

using names = std::vector<std::string>;

constexpr std::size_t most_template_bytes = 4000;
constexpr std::string_view promise_prefix = "promise:";

std::string listed(const names& of) {
  std::string all;
  for (const std::string& name : of)
    all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

bool holds(const names& of, std::string_view name) { return std::ranges::find(of, name) != of.end(); }

// Reads table by table; the first mistake ends it and is kept.
class book_reader {
 public:
  explicit book_reader(const std::string& where) : where_(where) {}

  result<response_book> read(const toml::table& root) {
    const bool done =
        known_keys(root, "",
                   {"settings", "policy", "signature", "products", "promises", "topic_names", "response"}) &&
        read_settings(root) && read_policy(root) && read_languages(root) && read_templates(root);
    if (!done)
      return *std::move(failed_);
    return response_book{std::move(book_)};
  }

 private:
  using each_entry = std::function<bool(const std::string& key, const toml::node& value)>;

  bool fail(const toml::node& at, const std::string& field, std::string what, std::string fix) {
    failed_ = wrong_field(where_, at, field, std::move(what), std::move(fix));
    return false;
  }

  bool known_keys(const toml::table& table, const std::string& field, const names& known) {
    for (const auto& [key, value] : table)
      if (!holds(known, key.str()))
        return fail(value, join(field, std::string{key.str()}), "'" + std::string{key.str()} + "' is unknown",
                    "use one of: " + listed(known));
    return true;
  }

  static std::string join(const std::string& field, const std::string& key) {
    return field.empty() ? key : field + "." + key;
  }

  const toml::table* table_at(const toml::table& in, const std::string& field, const std::string& key) {
    const toml::node* found = in.get(key);
    if (found == nullptr || !found->is_table()) {
      fail(found == nullptr ? in : *found, join(field, key),
           found == nullptr ? "the table is missing" : "this is no table",
           "write [" + join(field, key) + "]");
      return nullptr;
    }
    return found->as_table();
  }

  bool read_text(const toml::node& from, const std::string& field, std::string& to) {
    if (!from.is_string())
      return fail(from, field, "this is no text", "write it in quotes");
    to = from.as_string()->get();
    if (to.find_first_not_of(" \t\r\n") == std::string::npos)
      return fail(from, field, "the text is empty", "write one, or take the field out");
    if (to.size() > most_template_bytes)
      return fail(from, field, "the text has more than " + std::to_string(most_template_bytes) + " bytes",
                  "shorten it");
    return true;
  }

  bool read_text_at(const toml::table& in, const std::string& field, const std::string& key,
                    std::string& to) {
    const toml::node* found = in.get(key);
    if (found == nullptr)
      return fail(in, join(field, key), "the field is missing", "add " + key + " = \"…\"");
    return read_text(*found, join(field, key), to);
  }

  bool read_names(const toml::table& in, const std::string& field, const std::string& key, names& to) {
    const toml::node* found = in.get(key);
    if (found == nullptr)
      return fail(in, join(field, key), "the field is missing", "add " + key + " = [\"…\"]");
    if (!found->is_array())
      return fail(*found, join(field, key), "this is no list", "write [\"…\", \"…\"]");
    for (const toml::node& entry : *found->as_array()) {
      std::string name;
      if (!read_text(entry, join(field, key), name))
        return false;
      to.push_back(std::move(name));
    }
    return true;
  }

  bool read_share(const toml::table& in, const std::string& field, const std::string& key, double& to) {
    const toml::node* found = in.get(key);
    const auto value = found == nullptr ? std::nullopt : found->value<double>();
    if (!value || !(*value >= 0 && *value <= 1))
      return fail(found == nullptr ? in : *found, join(field, key), "this must be a number from 0 to 1",
                  "write for instance " + key + " = 0.9");
    to = *value;
    return true;
  }

  bool promises_nothing(const toml::node& at, const std::string& field, const std::string& text) {
    const std::string phrase = book_->forbidden.first_in(text);
    return phrase.empty() || fail(at, field, "the text holds the forbidden phrase '" + phrase + "'",
                                  "say it by {promise:NAME} from policy.promises, or take it out "
                                  "(policy.forbidden has the list)");
  }

  bool read_settings(const toml::table& root) {
    const toml::table* t = table_at(root, "", "settings");
    if (t == nullptr ||
        !known_keys(*t, "settings", {"languages", "fallback_language", "topics", "shop", "contact"}) ||
        !read_names(*t, "settings", "languages", languages_) ||
        !read_names(*t, "settings", "topics", topics_))
      return false;
    std::string fallback;
    if (!read_text_at(*t, "settings", "shop", shop_) || !read_text_at(*t, "settings", "contact", contact_) ||
        !read_text_at(*t, "settings", "fallback_language", fallback))
      return false;
    const auto at = std::ranges::find(languages_, fallback);
    if (at == languages_.end())
      return fail(*t->get("fallback_language"), "settings.fallback_language",
                  "'" + fallback + "' is not in settings.languages", "use one of: " + listed(languages_));
    book_->fallback = static_cast<std::size_t>(at - languages_.begin());
    topics_.emplace_back(general_topic);
    return true;
  }

  bool read_policy(const toml::table& root) {
    const std::string field = "policy";
    const toml::table* t = table_at(root, "", field);
    if (t == nullptr ||
        !known_keys(*t, field,
                    {"auto_send_min_confidence", "auto_send_sentiments", "human_routes",
                     "topic_min_confidence", "promises", "forbidden"}) ||
        !read_share(*t, field, "auto_send_min_confidence", book_->min_confidence) ||
        !read_share(*t, field, "topic_min_confidence", book_->min_topic_confidence) ||
        !read_names(*t, field, "human_routes", book_->human_routes) ||
        !read_names(*t, field, "promises", promises_))
      return false;
    names sent;
    names forbidden;
    if (!read_names(*t, field, "auto_send_sentiments", sent) ||
        !read_names(*t, field, "forbidden", forbidden))
      return false;
    for (const std::string& label : sent) {
      const auto at = std::ranges::find(sentiment_labels, label);
      if (at == sentiment_labels.end() || sentiment_index(label) == unknown_sentiment)
        return fail(*t->get("auto_send_sentiments"), "policy.auto_send_sentiments",
                    "'" + label + "' is no sentiment that may be sent unread",
                    "use one of: positive, negative, neutral");
      book_->auto_send[sentiment_index(label)] = true;
    }
    book_->forbidden = forbidden_phrases{forbidden};
    if (!book_->forbidden.usable())
      return fail(*t->get("forbidden"), "policy.forbidden", "the phrases cannot be searched for",
                  "write them in UTF-8, and fewer of them");
    return promises_nothing(*root.get_as<toml::table>("settings")->get("shop"), "settings.shop", shop_);
  }

  // [FIELD] with an entry for every language.
  bool each_language(const toml::table& root, const std::string& field, const each_entry& read) {
    const toml::table* t = table_at(root, "", field);
    if (t == nullptr || !known_keys(*t, field, languages_))
      return false;
    for (const std::string& language : languages_) {
      const toml::node* value = t->get(language);
      if (value == nullptr)
        return fail(*t, join(field, language), "the language '" + language + "' is missing",
                    "add it, or take it out of settings.languages");
      if (!read(language, *value))
        return false;
    }
    return true;
  }

  bool each_in_table(const toml::node& from, const std::string& field, const names& known,
                     const each_entry& read) {
    if (!from.is_table())
      return fail(from, field, "this is no table", "write [" + field + "]");
    if (!known_keys(*from.as_table(), field, known))
      return false;
    for (const auto& [key, value] : *from.as_table())
      if (!read(std::string{key.str()}, value))
        return false;
    return true;
  }

  language_templates& in(const std::string& language) {
    const auto at = std::ranges::find(languages_, language) - languages_.begin();
    return book_->languages[static_cast<std::size_t>(at)];
  }

  bool read_languages(const toml::table& root) {
    for (const std::string& language : languages_)
      book_->languages.emplace_back().name = language;
    return each_language(root, "signature",
                         [&](const std::string& language, const toml::node& value) {
                           return read_plain(value, "signature." + language, in(language).signature, true);
                         }) &&
           each_language(root, "promises",
                         [&](const std::string& language, const toml::node& value) {
                           return read_promises(language, value);
                         }) &&
           each_language(root, "topic_names",
                         [&](const std::string& language, const toml::node& value) {
                           return read_topic_names(language, value);
                         }) &&
           each_language(root, "products", [&](const std::string& language, const toml::node& value) {
             return read_product_phrases(language, value);
           });
  }

  // A text in which only {shop} and {contact} may stand.
  bool read_plain(const toml::node& from, const std::string& field, std::string& to, bool checked) {
    std::string text;
    std::vector<piece> pieces;
    if (!read_text(from, field, text) || !compile(from, field, text, {"shop", "contact"}, "", pieces))
      return false;
    for (const piece& p : pieces)
      to += p.text;
    return !checked || promises_nothing(from, field, to);
  }

  bool read_promises(const std::string& language, const toml::node& from) {
    const std::string field = "promises." + language;
    return each_in_table(from, field, promises_, [&](const std::string& name, const toml::node& value) {
      return read_plain(value, join(field, name), promise_texts_[language][name], false);
    });
  }

  bool read_topic_names(const std::string& language, const toml::node& from) {
    const std::string field = "topic_names." + language;
    if (!each_in_table(from, field, topics_, [&](const std::string& name, const toml::node& value) {
          return read_plain(value, join(field, name), in(language).topic_names[name], true);
        }))
      return false;
    return in(language).topic_names.contains(general_topic) ||
           fail(from, field + ".general", "the field is missing",
                "add general = \"…\", for reviews without a topic");
  }

  bool read_product_phrases(const std::string& language, const toml::node& from) {
    const std::string field = "products." + language;
    if (!from.is_table())
      return fail(from, field, "this is no table", "write [" + field + "]");
    const toml::table& t = *from.as_table();
    std::string about;
    if (!known_keys(t, field, {"about", "unnamed"}) || !read_text_at(t, field, "about", about) ||
        !read_text_at(t, field, "unnamed", in(language).unnamed) ||
        !promises_nothing(*t.get("unnamed"), field + ".unnamed", in(language).unnamed) ||
        !promises_nothing(*t.get("about"), field + ".about", about))
      return false;
    std::vector<piece> pieces;
    if (!compile(*t.get("about"), field + ".about", about, {"product"}, language, pieces))
      return false;
    bool named = false;
    for (const piece& p : pieces) {
      if (p.kind == slot::none)
        (named ? in(language).after_about : in(language).before_about) += p.text;
      else if (std::exchange(named, true))
        return fail(*t.get("about"), field + ".about", "{product} stands here twice", "write it once");
    }
    return named || fail(*t.get("about"), field + ".about", "the text does not name the product",
                         "write {product} where its name belongs");
  }

  // The placeholders' names, in the order in which they are suggested.
  names placeholders() const {
    names all{"product", "about_product", "topic", "shop", "contact"};
    for (const std::string& promise : promises_)
      all.push_back(std::string{promise_prefix} + promise);
    return all;
  }

  // Cuts a text into pieces; `allowed` are the placeholders that may stand in it.
  bool compile(const toml::node& at, const std::string& field, const std::string& text, const names& allowed,
               const std::string& language, std::vector<piece>& to) {
    auto parts = parse_template(text);
    if (!parts)
      return fail(at, field, parts.error().what, parts.error().fix);
    const auto plain = [&](const std::string& more) {
      if (to.empty() || to.back().kind != slot::none)
        to.emplace_back();
      to.back().text += more;
    };
    for (const template_part& part : *parts) {
      if (!part.placeholder) {
        plain(part.text);
        continue;
      }
      if (!holds(allowed, part.text))
        return fail(at, field, "the placeholder '{" + part.text + "}' is unknown here",
                    "use one of: " + listed(allowed));
      if (part.text == "shop")
        plain(shop_);
      else if (part.text == "contact")
        plain(contact_);
      else if (part.text == "product")
        to.push_back({slot::product, {}});
      else if (part.text == "about_product")
        to.push_back({slot::about_product, {}});
      else if (part.text == "topic")
        to.push_back({slot::topic, {}});
      else if (const auto promise = promise_texts_[language].find(part.text.substr(promise_prefix.size()));
               promise != promise_texts_[language].end())
        plain(promise->second);
      else
        return fail(at, field, "'{" + part.text + "}' has no text in language '" + language + "'",
                    "add it to [promises." + language + "]");
    }
    return true;
  }

  bool read_templates(const toml::table& root) {
    const names labels{sentiment_labels.begin(), sentiment_labels.end()};
    const names allowed = placeholders();
    const toml::table* all = table_at(root, "", "response");
    if (all == nullptr || !known_keys(*all, "response", languages_))
      return false;
    for (const auto& [key, value] : *all) {
      const std::string language{key.str()};
      const std::string field = "response." + language;
      const bool read =
          each_in_table(value, field, topics_, [&](const std::string& topic, const toml::node& of) {
            return each_in_table(
                of, join(field, topic), labels, [&](const std::string& label, const toml::node& t) {
                  return read_template(language, topic, label, t, join(join(field, topic), label), allowed);
                });
          });
      if (!read)
        return false;
    }
    const language_templates& fallback = book_->languages[book_->fallback];
    for (std::size_t i = 0; i < sentiment_labels.size(); ++i)
      if (fallback.find(general_topic, i) == nullptr)
        return fail(*all, "response." + fallback.name + ".general." + labels[i], "the field is missing",
                    "add it: the fallback language answers what no other template does");
    return true;
  }

  bool read_template(const std::string& language, const std::string& topic, const std::string& label,
                     const toml::node& from, const std::string& field, const names& allowed) {
    std::string text;
    response_template made;
    made.id.append(language).append("/").append(topic).append("/").append(label);
    if (!read_text(from, field, text) || !compile(from, field, text, allowed, language, made.pieces))
      return false;
    std::string own; // without what placeholders put in: a phrase must not hide around one
    const auto parts = parse_template(text); // it was right a moment ago
    for (const template_part& part : *parts)
      if (!part.placeholder)
        own += part.text;
    if (!promises_nothing(from, field, own))
      return false;
    in(language).topics[topic][sentiment_index(label)] = std::move(made);
    return true;
  }

  const std::string& where_;
  std::shared_ptr<response_book::contents> book_ = std::make_shared<response_book::contents>();
  std::optional<error> failed_;
  names languages_;
  names topics_;
  names promises_;
  std::string shop_;
  std::string contact_;
  std::map<std::string, std::map<std::string, std::string>> promise_texts_; // by language and name
};

} // namespace

result<response_book> parse_response_book(std::string_view text, const std::string& where) {
  const auto table = parse_toml(text, where);
  if (!table)
    return table.error();
  return book_reader{where}.read(*table);
}

result<response_book> load_response_book(const std::filesystem::path& file) {
  const auto table = read_toml(file);
  if (!table)
    return table.error();
  return book_reader{file.string()}.read(*table);
}

} // namespace weir::reviews
