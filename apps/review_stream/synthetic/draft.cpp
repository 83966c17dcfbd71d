#include <apps/review_stream/synthetic/draft.hpp>

#include <algorithm>

namespace weir::reviews {

namespace {

constexpr std::uint32_t titled = 45; // per cent, as all below
constexpr std::uint32_t opened = 30;
constexpr std::uint32_t summed_up = 45;
constexpr std::uint32_t praises_what_others_lament = 15; ///< "the refund came at once"
constexpr std::uint32_t another_view = 12; ///< of sentences: what was good in a bad review, and so on
constexpr std::uint32_t unrated = 6;
constexpr std::uint32_t contradictory = 2;
constexpr std::uint32_t without_lang = 15;
constexpr std::uint32_t complains_of_defect = 75;

/// How many reviews have 1 sentence, 2, … 12.
constexpr std::uint32_t lengths[] = {13, 22, 21, 14, 10, 7, 5, 3, 2, 1, 1, 1};

constexpr std::size_t place(mood m) { return static_cast<std::size_t>(m); }

/// Characters of UTF-8: bytes that do not continue one.
std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A sentence may begin with a slot: its first letter becomes a capital (of ASCII, and à to þ).
void begin_with_capital(std::string& text, std::size_t at) {
  const auto fits = [&](std::size_t i, unsigned from, unsigned to) {
    const auto c = static_cast<unsigned char>(i < text.size() ? text[i] : 0);
    return c >= from && c <= to;
  };
  if (fits(at, 'a', 'z'))
    text[at] = static_cast<char>(text[at] - 0x20);
  else if (fits(at, 0xC3, 0xC3) && fits(at + 1, 0xA0, 0xBE) && !fits(at + 1, 0xB7, 0xB7))
    text[at + 1] = static_cast<char>(text[at + 1] - 0x20);
}

} // namespace

draft_maker::draft_maker(const phrase_book& book, const std::vector<std::uint32_t>& languages)
    : book_(&book), languages_(languages), lengths_(lengths) {}

void draft_maker::make(draft& into, std::uint64_t ordinal, dice& chance) const {
  into.language = &book_->languages[chance.weighted(languages_)];
  into.product = &book_->products[chance.weighted(book_->sold)];
  into.category = &book_->categories[into.product->category];
  into.topics.clear();
  into.text.clear();
  into.sentences.clear();
  into.title.clear();
  choose_mood(into, ordinal, chance);
  const std::size_t sentences = 1 + chance.weighted(lengths_);
  choose_topics(into, sentences / 4 + 1, chance); // so that a long review does not dwell on one
  choose_rating(into, chance);
  write_text(into, sentences, chance);
  if (chance.percent(titled))
    fill(into.title, into, chance.pick(into.language->titles[place(into.feels)]), chance);
  begin_with_capital(into.title, 0);
  into.lang = chance.percent(without_lang) ? std::string_view{} : std::string_view{into.language->code};
}

void draft_maker::choose_mood(draft& of, std::uint64_t ordinal, dice& chance) const {
  const std::uint32_t drawn = chance.below(100);
  of.feels = drawn < 58 ? mood::positive : drawn < 86 ? mood::negative : mood::neutral;
  const auto& fault = of.product->defect;
  const std::uint64_t at = ordinal % book_->defects_repeat;
  if (fault && at >= fault->from && at < fault->to && chance.percent(complains_of_defect)) {
    of.feels = mood::negative;
    of.topics.push_back(fault->topic);
  }
}

void draft_maker::choose_topics(draft& of, std::size_t at_least, dice& chance) const {
  const auto& all = of.category->topics;
  const std::size_t wanted = std::min(all.size(), at_least + chance.below(2));
  const auto from = chance.below(static_cast<std::uint32_t>(all.size()));
  const auto step = 1 + chance.below(2);
  for (std::size_t i = 0; of.topics.size() < wanted && i < 2 * all.size(); ++i) {
    const std::uint32_t next = all[(from + i * step + i / all.size()) % all.size()];
    // The second time around any topic is better than too few.
    const bool laments = book_->complaint[next] && of.feels != mood::negative;
    if (laments && i < all.size() && !chance.percent(praises_what_others_lament))
      continue;
    if (std::ranges::find(of.topics, next) == of.topics.end())
      of.topics.push_back(next);
  }
}

void draft_maker::choose_rating(draft& of, dice& chance) const {
  const std::uint32_t drawn = chance.below(100);
  switch (of.feels) {
  case mood::positive:
    of.rating = drawn < 65 ? 5 : 4;
    break;
  case mood::negative:
    of.rating = drawn < 60 ? 1 : 2;
    break;
  case mood::neutral:
    of.rating = drawn < 70 ? 3 : drawn < 85 ? 2 : 4;
    break;
  }
  const std::uint32_t odd = chance.below(100);
  of.contradictory = of.feels != mood::neutral && odd < contradictory;
  if (of.contradictory)
    of.rating = of.feels == mood::positive ? 1 : 5;
  else if (odd >= 100 - unrated)
    of.rating = 0;
}

void draft_maker::write_text(draft& of, std::size_t sentences, dice& chance) const {
  const language_phrases& words = *of.language;
  const bool opens = sentences >= 2 && chance.percent(opened);
  const bool sums_up = sentences >= (opens ? 3U : 2U) && chance.percent(summed_up);
  const bool at_once = sums_up && !opens && chance.percent(50);
  if (opens)
    add_sentence(of, chance.pick(words.openers), chance);
  if (at_once)
    add_sentence(of, chance.pick(words.verdicts[place(of.feels)]), chance);
  // Each topic goes on from a place of its own in its list, so that no sentence comes twice.
  const std::uint32_t first = chance.below(1'000);
  const std::size_t body = sentences - (opens ? 1 : 0) - (sums_up ? 1 : 0);
  for (std::size_t i = 0; i < body; ++i) {
    mood m = of.feels;
    if (i > 0 && chance.percent(another_view))
      m = static_cast<mood>(chance.below(3));
    const auto& list = words.topics[of.topics[i % of.topics.size()]][place(m)];
    add_sentence(of, list[(first + i / of.topics.size()) % list.size()], chance);
  }
  if (sums_up && !at_once)
    add_sentence(of, chance.pick(words.verdicts[place(of.feels)]), chance);
}

void draft_maker::lengthen(draft& to, std::size_t characters, dice& chance) const {
  for (std::size_t has = characters_in(to.text); has <= characters;) {
    const std::size_t before = to.text.size();
    const auto& topic = to.language->topics[chance.pick(to.category->topics)];
    add_sentence(to, chance.pick(topic[place(to.feels)]), chance);
    has += characters_in(std::string_view{to.text}.substr(before));
  }
}

void draft_maker::add_sentence(draft& to, const phrase& said, dice& chance) const {
  if (!to.text.empty())
    to.text += to.language->between;
  const std::size_t from = to.text.size();
  fill(to.text, to, said, chance);
  begin_with_capital(to.text, from);
  to.sentences.push_back(to.text.size());
}

void draft_maker::fill(std::string& to, const draft& of, const phrase& said, dice& chance) const {
  for (const auto& piece : said.pieces) {
    to += piece.text;
    if (piece.slot == phrase::product)
      to += of.product->name;
    else if (piece.slot == phrase::part)
      to += chance.pick(of.language->parts[of.product->category]);
    else if (piece.slot != phrase::nothing)
      to += chance.pick(of.language->slots[piece.slot]);
  }
}

} // namespace weir::reviews
