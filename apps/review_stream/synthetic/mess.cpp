#include <apps/review_stream/synthetic/mess.hpp>

#include <algorithm>
#include <array>

namespace weir::reviews {

namespace {

constexpr std::array<std::string_view, mess_kinds> names{
    "broken_json",    "missing_id",   "missing_text", "wrong_type", "repeated_id",
    "repeated_text",  "markup",       "emoji",        "long_text",  "empty_text",
    "wrong_language", "contact_data", "placeholders", "odd_space",  "urgent"};

constexpr std::size_t long_text_characters = 10'000;

void replace_all(std::string& in, std::string_view what, std::string_view with) {
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + with.size()))
    in.replace(at, what.size(), with);
}

/// Puts something behind one of the sentences.
void insert_behind_a_sentence(draft& of, std::string_view what, dice& chance) {
  const auto from = chance.below(static_cast<std::uint32_t>(of.sentences.size()));
  of.text.insert(of.sentences[from], what);
  for (std::size_t i = from; i < of.sentences.size(); ++i)
    of.sentences[i] += what.size(); // so that the next one is between sentences too
}

void add_markup(draft& of, dice& chance) {
  const bool entities = chance.percent(50);
  if (entities) {
    replace_all(of.text, "&", "&amp;");
    replace_all(of.text, "'", "&#39;");
    replace_all(of.text, "\"", "&quot;");
    of.text += chance.percent(50) ? "&nbsp;&hellip;" : " &lt;3";
    return;
  }
  // From the last, so that the places before stay right.
  for (std::size_t i = of.sentences.size() - 1; i > 0; --i)
    of.text.insert(of.sentences[i - 1], "<br />");
  switch (chance.below(3)) {
  case 0:
    of.text = "<p>" + of.text + "</p>";
    break;
  case 1:
    of.text = R"(<div class="review-body"><b>)" + of.text + "</b></div>";
    break;
  default:
    of.text += R"(<a href="https://www.example.com/more?id=1&amp;ref=2">more</a>)";
  }
}

void add_emoji(draft& of, const phrase_book& book, dice& chance) {
  std::string some;
  for (std::uint32_t n = 1 + chance.below(3); n > 0; --n)
    some += chance.pick(book.emoji);
  if (chance.percent(15))
    of.text = some;
  else if (chance.percent(50))
    insert_behind_a_sentence(of, " " + some, chance);
  else
    of.text += some;
}

void add_odd_space(draft& of, dice& chance) {
  using namespace std::string_view_literals;
  // No-break and ideographic space, zero width space, byte order mark, bell, escape, and NUL.
  static constexpr std::array odd{"\t"sv,     "\r\n"sv,   "\n\n\n"sv, "    "sv,      "\u00A0"sv, "\u3000"sv,
                                  "\u200B"sv, "\uFEFF"sv, "\u0007"sv, "\u001B[1m"sv, "\u2028"sv, "\0"sv};
  for (int n = 0; n < 3; ++n)
    insert_behind_a_sentence(of, odd[chance.below(odd.size())], chance);
  of.text.insert(0, odd[chance.below(odd.size())]);
}

void name_another_language(draft& of, const phrase_book& book, dice& chance) {
  const auto& languages = book.languages;
  if (languages.size() < 2) {
    of.lang = of.language->code == "fr" ? "it" : "fr";
    return;
  }
  const auto own = static_cast<std::uint32_t>(of.language - languages.data());
  const auto others = static_cast<std::uint32_t>(languages.size() - 1);
  of.lang = languages[(own + 1 + chance.below(others)) % languages.size()].code;
}

} // namespace

std::string_view to_string(mess kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<mess> mess_named(std::string_view name) noexcept {
  const auto* at = std::ranges::find(names, name);
  if (at == names.end())
    return std::nullopt;
  return static_cast<mess>(at - names.begin());
}

void make_mess(mess kind, draft& of, const draft_maker& maker, dice& chance) {
  switch (kind) {
  case mess::markup:
    return add_markup(of, chance);
  case mess::emoji:
    return add_emoji(of, maker.book(), chance);
  case mess::long_text:
    return maker.lengthen(of, long_text_characters, chance);
  case mess::empty_text:
    of.text = chance.percent(70) ? "" : " \n ";
    return;
  case mess::wrong_language:
    return name_another_language(of, maker.book(), chance);
  case mess::contact_data:
    return maker.add_sentence(of, chance.pick(of.language->contact), chance);
  case mess::placeholders:
    return insert_behind_a_sentence(of, " " + chance.pick(maker.book().placeholders), chance);
  case mess::odd_space:
    return add_odd_space(of, chance);
  case mess::urgent:
    of.feels = mood::negative;
    of.rating = 1;
    return maker.add_sentence(of, chance.pick(of.language->urgent), chance);
  case mess::broken_json:
  case mess::missing_id:
  case mess::missing_text:
  case mess::wrong_type:
  case mess::repeated_id:
  case mess::repeated_text:
    return; // of the line
  }
}

void break_json(std::string& line, dice& chance) {
  switch (chance.below(5)) {
  case 0: // cut off, as by a crash of the writer
    line.resize(1 + chance.below(static_cast<std::uint32_t>(line.size() - 1)));
    break;
  case 1: // not JSON but what a careless script prints
    replace_all(line, "\"", "'");
    break;
  case 2: // without its closing brace
    line.pop_back();
    break;
  case 3: // two objects on one line
    line += " {}";
    break;
  default: // a byte of Latin-1 in the last text
    line.insert(line.find("\"id\"") + 1, "\xE9");
  }
}

} // namespace weir::reviews
