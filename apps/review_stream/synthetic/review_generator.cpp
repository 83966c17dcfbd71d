#include <apps/review_stream/synthetic/review_generator.hpp>

#include <boost/json/serializer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace weir::reviews {

namespace {

constexpr std::size_t remembered = 64;
constexpr std::uint64_t apart = 0x6D657373; // any number: the two dice must not fall alike

/// A number with at least `width` digits, appended.
void append_digits(std::string& to, std::uint64_t n, std::size_t width) {
  char digits[20];
  const auto* end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  const auto length = static_cast<std::size_t>(end - digits);
  to.append(width > length ? width - length : 0, '0');
  to.append(digits, length);
}

const phrase_book& book_of(const generator_options& options) {
  if (!options.phrases)
    throw std::invalid_argument("a generator of reviews needs phrases");
  return *options.phrases;
}

/// The shares in the order of the book.
std::vector<std::uint32_t> shares(const generator_options& options) {
  const phrase_book& book = book_of(options);
  if (options.languages.empty())
    return std::vector<std::uint32_t>(book.languages.size(), 1);
  std::vector<std::uint32_t> all(book.languages.size(), 0);
  bool some = false;
  for (const auto& [code, share] : options.languages) {
    const auto at = book.language(code);
    if (!at)
      throw std::invalid_argument("no phrases in the language '" + code + "'");
    all[*at] = share;
    some = some || share > 0;
  }
  if (!some)
    throw std::invalid_argument("no language has a share");
  return all;
}

} // namespace

void append_iso_8601(std::string& to, calendar_time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const auto ms = static_cast<std::uint64_t>((t - day).count());
  append_digits(to, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  append_digits(to += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(to += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(to += 'T', ms / 3'600'000, 2);
  append_digits(to += ':', ms / 60'000 % 60, 2);
  append_digits(to += ':', ms / 1'000 % 60, 2);
  append_digits(to += '.', ms % 1'000, 3);
  to += 'Z';
}

std::uint64_t generator_counts::dead_letters() const {
  return of(reviews::mess::broken_json) + of(reviews::mess::missing_id) + of(reviews::mess::missing_text) +
         of(reviews::mess::wrong_type);
}

review_generator::review_generator(generator_options options)
    : options_(std::move(options)), maker_(book_of(options_), shares(options_)), chance_(options_.seed),
      mess_chance_(options_.seed ^ apart), messy_of_million_(static_cast<std::uint32_t>(
                                               std::lround(std::clamp(options_.mess_share, 0.0, 1.0) * 1e6))),
      now_(options_.start) {
  if (options_.kinds.empty())
    for (std::size_t i = 0; i < mess_kinds; ++i)
      options_.kinds.push_back(static_cast<mess>(i));
  for (const auto& language : options_.phrases->languages)
    made_.languages.emplace_back(language.code, 0);
}

std::string_view review_generator::next() {
  if (made_.lines > 0) // drawn, and so the same, whatever the interval is
    now_ += std::chrono::milliseconds{(2 * options_.interval.count() * chance_.below(1'000) + 500) / 1'000};
  return next_at(now_);
}

std::string_view review_generator::next_at(calendar_time ts) {
  const std::uint64_t ordinal = made_.lines + 1;
  maker_.make(draft_, ordinal, chance_);
  const auto kind = choose_mess();
  id_ = "g";
  append_digits(id_, options_.seed, 1);
  append_digits(id_ += '-', ordinal, 7);
  if (kind == mess::repeated_id || kind == mess::repeated_text) {
    const earlier& again = mess_chance_.pick(earlier_);
    if (kind == mess::repeated_text || mess_chance_.percent(50))
      draft_ = again.said;
    if (kind == mess::repeated_id)
      id_ = again.id;
  } else if (kind) {
    make_mess(*kind, draft_, maker_, mess_chance_);
  }
  write_line(id_, ts, kind);
  if (kind == mess::broken_json)
    break_json(line_, mess_chance_);
  else if (!kind)
    remember(id_);
  count(kind);
  return line_;
}

std::optional<mess> review_generator::choose_mess() {
  const std::uint32_t drawn = mess_chance_.below(1'000'000);
  if (drawn >= messy_of_million_)
    return std::nullopt;
  const auto& kinds = options_.kinds;
  const mess kind = kinds[mess_chance_.below(static_cast<std::uint32_t>(kinds.size()))];
  if (earlier_.empty() && (kind == mess::repeated_id || kind == mess::repeated_text))
    return std::nullopt; // nothing to repeat yet
  return kind;
}

void review_generator::write_line(std::string_view id, calendar_time ts, std::optional<mess> kind) {
  enum class wrong : std::uint8_t { id, text, list, rating, ts, nothing };
  const wrong type = kind == mess::wrong_type ? static_cast<wrong>(mess_chance_.below(5)) : wrong::nothing;
  line_ = '{';
  if (kind == mess::missing_id)
    line_ += mess_chance_.percent(50) ? R"("id":null,)" : "";
  else if (type == wrong::id)
    line_ += R"("id":true,)";
  else
    add_string("id", id);
  add_string("product", draft_.product->name);
  add_string("category", draft_.category->name);
  if (type == wrong::rating) {
    line_ += R"("rating":"five",)";
  } else if (draft_.rating > 0) {
    append_digits(line_ += R"("rating":)", draft_.rating, 1);
    line_ += ',';
  }
  if (!draft_.lang.empty())
    add_string("lang", draft_.lang);
  if (type == wrong::ts) {
    line_ += R"("ts":"yesterday",)";
  } else {
    append_iso_8601(line_ += R"("ts":")", ts);
    line_ += R"(",)";
  }
  if (!draft_.title.empty())
    add_string("title", draft_.title);
  if (options_.truth)
    add_truth(kind);
  if (kind == mess::missing_text)
    line_ += mess_chance_.percent(50) ? R"("text":null,)" : "";
  else if (type == wrong::text)
    line_ += R"("text":5,)";
  else if (type == wrong::list)
    line_ += R"("text":["in","parts"],)";
  else
    add_string("text", draft_.text);
  line_.back() = '}';
}

void review_generator::add_string(std::string_view name, std::string_view value) {
  line_ += '"';
  line_ += name;
  line_ += R"(":)";
  boost::json::serializer text;
  text.reset(boost::json::string_view{value.data(), value.size()});
  char part[4096];
  while (!text.done()) {
    const auto read = text.read(part, sizeof part);
    line_.append(read.data(), read.size());
  }
  line_ += ',';
}

void review_generator::add_truth(std::optional<mess> kind) {
  line_ += R"("truth":{)";
  add_string("language", draft_.language->code);
  add_string("sentiment", to_string(draft_.feels));
  line_ += R"("topics":[)";
  for (const std::uint32_t t : draft_.topics) {
    line_ += '"';
    line_ += options_.phrases->topics[t];
    line_ += R"(",)";
  }
  line_.back() = ']';
  line_ += ',';
  add_string("mess", kind ? to_string(*kind) : "none");
  line_.back() = '}';
  line_ += ',';
}

void review_generator::remember(std::string_view id) {
  if (earlier_.size() < remembered) {
    earlier_.push_back({std::string{id}, draft_});
    return;
  }
  earlier& oldest = earlier_[oldest_];
  oldest.id = id;
  oldest.said = draft_;
  oldest_ = (oldest_ + 1) % remembered;
}

void review_generator::count(std::optional<mess> kind) {
  ++made_.lines;
  made_.bytes += line_.size() + 1;
  if (kind) {
    ++made_.mess[static_cast<std::size_t>(*kind)];
  } else {
    ++made_.clean;
    made_.contradictory += draft_.contradictory ? 1 : 0;
  }
  ++made_.languages[static_cast<std::size_t>(draft_.language - options_.phrases->languages.data())].second;
}

} // namespace weir::reviews
