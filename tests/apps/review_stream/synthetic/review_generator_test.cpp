#include <apps/review_stream/synthetic/review_generator.hpp>

#include <apps/review_stream/input/parse_review.hpp>
#include <tests/support/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

using namespace weir;
using namespace weir::reviews;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const phrase_book> shipped() {
  static const auto book = [] {
    auto read = read_phrases(WEIR_SOURCE_DIR "/apps/review_stream/data/phrases.toml");
    INFO((read ? std::string{} : read.error().message()));
    REQUIRE(read);
    return std::make_shared<const phrase_book>(*std::move(read));
  }();
  return book;
}

generator_options with_seed(std::uint64_t seed) {
  generator_options options;
  options.phrases = shipped();
  options.seed = seed;
  return options;
}

generator_options only(mess kind, double share) {
  generator_options options = with_seed(7);
  options.mess_share = share;
  options.kinds = {kind};
  return options;
}

generator_options clean() {
  generator_options options = with_seed(7);
  options.mess_share = 0;
  return options;
}

std::vector<std::string> lines_of(review_generator& from, std::size_t n) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < n; ++i)
    lines.emplace_back(from.next());
  return lines;
}
std::vector<std::string> lines_of(generator_options options, std::size_t n) {
  review_generator from{std::move(options)};
  return lines_of(from, n);
}

result<review> parse(const std::string& line) {
  return parse_review({line, actors::shared_text{"made.jsonl"}, 1});
}
review parsed(const std::string& line) {
  auto r = parse(line);
  INFO(line.substr(0, 500) << "\n" << (r ? std::string{} : r.error().message()));
  REQUIRE(r);
  return *std::move(r);
}

/// Of a kind that leaves the line a review: what `holds` for every planted one, and for no clean one.
template <class Holds>
void marks_exactly_its_own(mess kind, Holds holds) {
  generator_options options = only(kind, 0.3);
  options.truth = true;
  review_generator from{options};
  std::uint64_t marked = 0;
  for (const auto& line : lines_of(from, 2000)) {
    const review r = parsed(line);
    const bool planted = line.find("\"mess\":\"none\"") == std::string::npos;
    INFO(line.substr(0, 500));
    CHECK(holds(r) == planted);
    marked += planted ? 1 : 0;
  }
  CHECK(marked > 500);
  CHECK(from.made().of(kind) == marked);
}

bool has(const review& r, std::string_view what) { return r.text.find(what) != std::string::npos; }

template <std::size_t N>
bool has_any(const review& r, const std::array<std::string_view, N>& all) {
  return std::ranges::any_of(all, [&](std::string_view one) { return has(r, one); });
}

} // namespace

TEST_CASE("the same seed makes the same lines, another seed others") {
  const auto first = lines_of(with_seed(42), 1000);
  CHECK(first == lines_of(with_seed(42), 1000));
  CHECK(first != lines_of(with_seed(43), 1000));
}

TEST_CASE("lines are the same on every machine and in every version") {
  // A change of these bytes changes what every seed means: say so in the change log.
  generator_options options;
  auto book = parse_phrases(R"(
topics = ["price", "size"]
emoji = ["+"]
placeholders = ["%s"]
categories = [{name = "lamps", topics = ["price", "size"], products = [{name = "Lumo", sold = 3}, {name = "Ray", sold = 1}]}]
[languages.en]
between = " "
openers = ["Hello."]
urgent = ["Fire!"]
contact = ["{mail}"]
slots = {mail = ["a@example.com"], n = ["two", "three", "four"]}
parts = {lamps = ["the switch", "the bulb"]}
titles = {positive = ["Good"], negative = ["Bad"], neutral = ["So so"]}
verdicts = {positive = ["Bye."], negative = ["Never."], neutral = ["Maybe."]}
topics.price = {positive = ["Cheap.", "Only {n} euros."], negative = ["Dear.", "{n} euros!"], neutral = ["Fair."]}
topics.size = {positive = ["{part} fits."], negative = ["{part} is too big."], neutral = ["Average."]}
)",
                            "golden");
  INFO((book ? std::string{} : book.error().message()));
  REQUIRE(book);
  options.phrases = std::make_shared<const phrase_book>(*std::move(book));
  options.languages = {};
  options.seed = 42;
  const auto lines = lines_of(options, 3);
  CHECK(
      lines[0] ==
      R"({"id":"g42-0000001","product":"Ray","category":"lamps","rating":4,"lang":"en","ts":"2026-01-01T00:00:00.000Z","text":"Only three euros. The bulb fits. Cheap. The switch fits. Only two euros."})");
  CHECK(
      lines[1] ==
      R"({"id":"g42-0000002","product":"Ray","category":"lamps","rating":5,"lang":"en","ts":"2026-01-01T00:00:46.380Z","text":"The switch is too big. Dear. The switch is too big. Four euros! The switch is too big. Cheap. The switch is too big. Four euros! The bulb is too big. Dear."})");
  CHECK(
      lines[2] ==
      R"({"id":"g42-0000003","product":"Lumo","category":"lamps","rating":4,"lang":"en","ts":"2026-01-01T00:01:35.760Z","text":"Cheap. The switch fits. Only three euros. The bulb fits. Cheap. The switch fits. Only three euros."})");
}

TEST_CASE("clean lines are reviews with every field that the rest of review-stream reads") {
  review_generator from{clean()};
  std::string before;
  std::size_t rated = 0, titled = 0, with_language = 0;
  for (const auto& line : lines_of(from, 5000)) {
    const review r = parsed(line);
    CHECK_FALSE(r.product.empty());
    CHECK_FALSE(r.category.empty());
    CHECK_FALSE(r.text.empty());
    CHECK(r.extra.empty());
    CHECK(r.ts >= before);
    before = r.ts;
    if (r.rating) {
      CHECK(*r.rating >= 1);
      CHECK(*r.rating <= 5);
    }
    rated += r.rating ? 1 : 0;
    titled += r.title.empty() ? 0 : 1;
    with_language += r.language.empty() ? 0 : 1;
  }
  CHECK(rated > 4500);
  CHECK(rated < 5000); // optional fields are absent now and then
  CHECK(titled > 2000);
  CHECK(titled < 2500);
  CHECK(with_language > 4000);
  CHECK(with_language < 4500);
  CHECK(from.made().clean == 5000);
}

TEST_CASE("ids name seed and ordinal and are unique but for planted repeats") {
  const auto lines = lines_of(clean(), 3);
  CHECK(parsed(lines[0]).id == "g7-0000001");
  CHECK(parsed(lines[2]).id == "g7-0000003");
  review_generator messy{only(mess::repeated_id, 0.1)};
  std::set<std::string> ids;
  std::uint64_t again = 0;
  for (const auto& line : lines_of(messy, 10000))
    again += ids.insert(parsed(line).id).second ? 0 : 1;
  CHECK(again == messy.made().of(mess::repeated_id));
  CHECK(again > 800);
}

TEST_CASE("ten thousand reviews say more than nine thousand different things") {
  std::set<std::string> texts;
  for (const auto& line : lines_of(clean(), 10000))
    texts.insert(parsed(line).text);
  CHECK(texts.size() > 9000);
}

TEST_CASE("languages come in the shares that were asked for") {
  review_generator from{clean()};
  (void)lines_of(from, 20000);
  const auto& made = from.made().languages;
  const std::map<std::string, std::uint64_t> languages{made.begin(), made.end()};
  CHECK(languages.at("en") == Approx(12000).margin(300));
  CHECK(languages.at("de") == Approx(3000).margin(200));
  CHECK(languages.at("es") == Approx(3000).margin(200));
  CHECK(languages.at("zh") == Approx(2000).margin(200));
  generator_options german = clean();
  german.languages = {{"de", 1}};
  for (const auto& line : lines_of(german, 500)) {
    const review r = parsed(line);
    CHECK((r.language.empty() || r.language == "de"));
  }
  german.languages = {{"de", 0}};
  CHECK_THROWS_AS(review_generator{german}, std::invalid_argument);
  german.languages = {{"fr", 1}};
  CHECK_THROWS_AS(review_generator{german}, std::invalid_argument);
}

TEST_CASE("each kind of mess has its part of the share, and the lines without stay as they are") {
  review_generator messy{[] {
    generator_options options = with_seed(7);
    options.mess_share = 0.15;
    return options;
  }()};
  review_generator tidy{clean()};
  const auto with = lines_of(messy, 20000);
  const auto without = lines_of(tidy, 20000);
  for (std::size_t i = 0; i < mess_kinds; ++i) {
    INFO(to_string(static_cast<mess>(i)));
    CHECK(messy.made().mess[i] == Approx(200).margin(60)); // four standard deviations
  }
  CHECK(messy.made().clean == Approx(17000).margin(250));
  std::uint64_t same = 0;
  for (std::size_t i = 0; i < with.size(); ++i)
    same += with[i] == without[i] ? 1 : 0;
  // A few kinds may change nothing that shows, such as entities in a text without any.
  CHECK(same >= messy.made().clean);
  CHECK(same < messy.made().clean + 50);
}

TEST_CASE("the lines that cannot be parsed are exactly those planted") {
  for (const mess kind : {mess::broken_json, mess::missing_id, mess::missing_text, mess::wrong_type}) {
    INFO(to_string(kind));
    review_generator from{only(kind, 0.2)};
    std::uint64_t refused = 0;
    for (const auto& line : lines_of(from, 5000)) {
      CHECK(line.find('\n') == std::string::npos);
      CHECK_FALSE(line.empty());
      refused += parse(line) ? 0 : 1;
    }
    CHECK(refused == from.made().of(kind));
    CHECK(refused == from.made().dead_letters());
    CHECK(refused > 900);
  }
}

TEST_CASE("a repeated text stands under a new id, exactly as it was") {
  review_generator from{only(mess::repeated_text, 0.2)};
  std::set<std::string> ids;
  std::multiset<std::string> texts;
  for (const auto& line : lines_of(from, 3000)) {
    const review r = parsed(line);
    ids.insert(r.id);
    texts.insert(r.text);
  }
  CHECK(ids.size() == 3000);
  CHECK(from.made().of(mess::repeated_text) > 500);
  CHECK(3000 - std::set<std::string>(texts.begin(), texts.end()).size() >=
        from.made().of(mess::repeated_text));
}

TEST_CASE("mess in the text is there where it was planted, and nowhere else") {
  static constexpr std::array<std::string_view, 9> marks{"<p>",   "<div",   "<a href", "<br />", "&amp;",
                                                         "&#39;", "&quot;", "&nbsp;",  "&lt;"};
  marks_exactly_its_own(mess::markup, [](const review& r) { return has_any(r, marks); });
  marks_exactly_its_own(mess::emoji, [](const review& r) {
    return std::ranges::any_of(shipped()->emoji, [&](const auto& e) { return has(r, e); });
  });
  marks_exactly_its_own(mess::placeholders, [](const review& r) {
    return std::ranges::any_of(shipped()->placeholders, [&](const auto& p) { return has(r, p); });
  });
  marks_exactly_its_own(mess::contact_data, [](const review& r) {
    static constexpr std::array<std::string_view, 10> reserved{
        "@example.", "555-01",    "555 01", "7946 0123", "30 23125 ",
        "99998 ",    "4111 1111", "4242",   "5555",      "3782"};
    return has_any(r, reserved);
  });
  marks_exactly_its_own(mess::empty_text,
                        [](const review& r) { return r.text.find_first_not_of(" \n") == std::string::npos; });
  marks_exactly_its_own(mess::long_text, [](const review& r) {
    return std::ranges::count_if(
               r.text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }) > 10'000;
  });
  using namespace std::string_view_literals;
  static constexpr std::array<std::string_view, 12> odd{"\t"sv,     "\n"sv,     "   "sv,    "\u00A0"sv,
                                                        "\u3000"sv, "\u200B"sv, "\uFEFF"sv, "\u0007"sv,
                                                        "\u001B"sv, "\u2028"sv, "\0"sv,     "\r"sv};
  marks_exactly_its_own(mess::odd_space, [](const review& r) { return has_any(r, odd); });
}

TEST_CASE("a wrong lang names another language than the one the text is written in") {
  generator_options options = only(mess::wrong_language, 0.3);
  options.truth = true;
  for (const auto& line : lines_of(options, 2000)) {
    const review r = parsed(line);
    const auto truth = boost::json::parse(r.extra).at("truth");
    const std::string written{truth.at("language").as_string()};
    if (truth.at("mess") == "none")
      CHECK((r.language.empty() || r.language == written));
    else
      CHECK((!r.language.empty() && r.language != written));
  }
}

TEST_CASE("a product with a fault is complained about while it lasts") {
  generator_options options = clean();
  options.truth = true;
  std::map<bool, std::pair<int, int>> complaints; // in the period or not: reviews, complaints about it
  review_generator from{options};
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    const review r = parsed(std::string{from.next()});
    if (r.product != "Tarvik H2 Headphones")
      continue;
    const auto truth = boost::json::parse(r.extra).at("truth");
    const auto& topics = truth.at("topics").as_array();
    auto& [all, complaining] = complaints[i >= 1'500 && i < 3'000];
    ++all;
    complaining +=
        truth.at("sentiment") == "negative" && std::ranges::find(topics, "bug") != topics.end() ? 1 : 0;
  }
  CHECK(complaints[true].second > complaints[true].first * 6 / 10);
  CHECK(complaints[false].second < complaints[false].first * 2 / 10);
}

TEST_CASE("ratings say what texts say, but for the few that are counted") {
  generator_options options = clean();
  options.truth = true;
  review_generator from{options};
  std::uint64_t against = 0;
  for (const auto& line : lines_of(from, 10'000)) {
    const review r = parsed(line);
    const auto truth = boost::json::parse(r.extra).at("truth");
    if (r.rating)
      against += (truth.at("sentiment") == "positive" && *r.rating < 3) ||
                         (truth.at("sentiment") == "negative" && *r.rating > 3)
                     ? 1
                     : 0;
  }
  CHECK(against == from.made().contradictory);
  CHECK(against > 50);
  CHECK(against < 300);
}

TEST_CASE("times go from the start by the interval, or are what the caller says") {
  generator_options options = clean();
  options.start = std::chrono::sys_days{std::chrono::year{2026} / 5 / 4} + 7h;
  options.interval = 10s;
  review_generator from{options};
  const auto lines = lines_of(from, 1001);
  CHECK(parsed(lines[0]).ts == "2026-05-04T07:00:00.000Z");
  const std::string last = parsed(lines[1000]).ts;
  CHECK(last > "2026-05-04T09:30:00"); // 10,000 s on: 09:46:40
  CHECK(last < "2026-05-04T10:03:00");
  CHECK(parsed(std::string{from.next_at(options.start + 1250ms)}).ts == "2026-05-04T07:00:01.250Z");
}

TEST_CASE("counts say how much was made") {
  review_generator from{with_seed(3)};
  std::uint64_t bytes = 0;
  for (int i = 0; i < 500; ++i)
    bytes += from.next().size() + 1;
  CHECK(from.made().lines == 500);
  CHECK(from.made().bytes == bytes);
  std::uint64_t sum = from.made().clean;
  for (const auto n : from.made().mess)
    sum += n;
  CHECK(sum == 500);
}
