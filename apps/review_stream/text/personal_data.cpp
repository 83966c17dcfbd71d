#include <apps/review_stream/text/personal_data.hpp>

#include <apps/review_stream/text/card_number.hpp>
#include <apps/review_stream/text/digit_groups.hpp>
#include <apps/review_stream/text/phone_number.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include <re2/re2.h>

namespace weir::reviews {
namespace {

constexpr std::size_t fewest_digits = 7; // of a phone number, which has the fewest
constexpr std::string_view email_mark = "[email]";
constexpr std::string_view phone_mark = "[phone]";
constexpr std::string_view card_mark = "[card]";
constexpr std::string_view iban_mark = "[iban]";

struct extent {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The next place at or behind `from` that the pattern matches.
std::optional<extent> find(const re2::RE2& pattern, std::string_view text, std::size_t from) {
  re2::StringPiece found;
  if (!pattern.Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED, &found, 1))
    return std::nullopt;
  const auto begin = static_cast<std::size_t>(found.data() - text.data());
  return extent{begin, begin + found.size()};
}

// Replaces parts of a text from left to right; copies nothing before the first.
class rewrite {
 public:
  explicit rewrite(std::string& text) : text_(text) {}

  void replace(extent part, std::string_view mark) {
    changed_.append(text_, copied_, part.begin - copied_).append(mark);
    copied_ = part.end;
  }

  /// True if anything was replaced.
  bool finish() {
    if (copied_ == 0)
      return false;
    changed_.append(text_, copied_);
    text_ = std::move(changed_);
    return true;
  }

 private:
  std::string& text_;
  std::string changed_;
  std::size_t copied_ = 0;
};

bool mask_emails(std::string& text) {
  static const re2::RE2 pattern{
      R"((?i)[a-z0-9._%+'\-\x{C0}-\x{24F}]*[a-z0-9_+\-\x{C0}-\x{24F}][@＠])"
      R"((?:[a-z0-9\x{C0}-\x{24F}](?:[a-z0-9\x{C0}-\x{24F}\-]*[a-z0-9\x{C0}-\x{24F}])?\.)+[a-z]{2,})"};
  rewrite masked{text};
  for (auto found = find(pattern, text, 0); found; found = find(pattern, text, found->end))
    masked.replace(*found, email_mark);
  return masked.finish();
}

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// ISO 7064, modulo 97: letters count as two digits.
int append_97(int remainder, char c) noexcept {
  if (c >= '0' && c <= '9')
    return (remainder * 10 + (c - '0')) % 97;
  const int value = (c >= 'a' ? c - 'a' : c - 'A') + 10;
  return (remainder * 100 + value) % 97;
}

// Characters of a country's IBAN, 0 if it is not among these.
std::size_t iban_characters(std::string_view iban) noexcept {
  struct country {
    std::string_view code;
    std::size_t characters;
  };
  constexpr country countries[] = {
      {"NO", 15}, {"BE", 16}, {"DK", 18}, {"FI", 18}, {"NL", 18}, {"SI", 19}, {"AT", 20}, {"EE", 20},
      {"LT", 20}, {"LU", 20}, {"CH", 21}, {"HR", 21}, {"LI", 21}, {"LV", 21}, {"BG", 22}, {"DE", 22},
      {"GB", 22}, {"IE", 22}, {"AE", 23}, {"GI", 23}, {"IL", 23}, {"AD", 24}, {"CZ", 24}, {"ES", 24},
      {"RO", 24}, {"SA", 24}, {"SE", 24}, {"SK", 24}, {"PT", 25}, {"IS", 26}, {"TR", 26}, {"FR", 27},
      {"GR", 27}, {"IT", 27}, {"MC", 27}, {"CY", 28}, {"HU", 28}, {"PL", 28}, {"MT", 31},
  };
  const auto upper = [](char c) { return c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c; };
  for (const country& c : countries)
    if (c.code[0] == upper(iban[0]) && c.code[1] == upper(iban[1]))
      return c.characters;
  return 0;
}

// The end of the IBAN that `candidate` starts with, 0 if its check sum is wrong wherever it may end.
std::size_t iban_length(std::string_view candidate) noexcept {
  const std::size_t known = iban_characters(candidate);
  const std::size_t shortest = known > 0 ? known : 15;
  const std::size_t longest = known > 0 ? known : 34;
  std::size_t found = 0;
  std::size_t characters = 0;
  int remainder = 0;
  for (std::size_t i = 0; i < candidate.size() && characters < longest; ++i) {
    if (!is_alphanumeric(candidate[i]))
      continue;
    if (++characters > 4)
      remainder = append_97(remainder, candidate[i]);
    const bool ends = i + 1 == candidate.size() || !is_alphanumeric(candidate[i + 1]);
    if (!ends || characters < shortest)
      continue;
    int whole = remainder;
    for (const char c : candidate.substr(0, 4))
      whole = append_97(whole, c);
    if (whole == 1)
      found = i + 1;
  }
  return found;
}

bool mask_ibans(std::string& text) {
  static const re2::RE2 pattern{R"((?i)\b[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]){11,30}\b)"};
  static const re2::RE2 grouped{R"(^[A-Z]{2}[0-9]{2}(?:[ \-][0-9]{4}){3,7}(?:[ \-][0-9]{1,3})?\b)"};
  rewrite masked{text};
  for (auto found = find(pattern, text, 0); found;) {
    const std::string_view candidate = std::string_view{text}.substr(found->begin, found->end - found->begin);
    std::size_t length = iban_length(candidate);
    if (length == 0)
      if (const auto shape = find(grouped, candidate, 0)) // meant as one though a digit is wrong
        length = shape->end;
    if (length > 0)
      masked.replace({found->begin, found->begin + length}, iban_mark);
    found = find(pattern, text, found->begin + std::max<std::size_t>(length, 2));
  }
  return masked.finish();
}

// From the number's plus or bracket to its last digit.
extent phone_extent(const digit_run& run, group_range phone) {
  extent whole{run.groups[phone.first].begin, run.groups[phone.last].end};
  const auto before = [&](std::string_view sign) { return run.text.substr(0, whole.begin).ends_with(sign); };
  const std::string_view number = run.text.substr(whole.begin, whole.end - whole.begin);
  const auto opens = [&](std::string_view open, std::string_view close) {
    return before(open) && number.find(close) != std::string_view::npos;
  };
  for (const std::string_view sign : {"+", "＋"})
    if (before(sign))
      whole.begin -= sign.size();
  if (opens("(", ")"))
    whole.begin -= 1;
  else if (opens("（", "）"))
    whole.begin -= std::string_view{"（"}.size();
  for (const std::string_view sign : {"+", "＋"})
    if (before(sign))
      whole.begin -= sign.size();
  return whole;
}

bool mask_numbers(std::string& text) {
  static const re2::RE2 pattern{
      R"([0-9０-９](?:[ \t./()\-\x{A0}\x{B7}\x{2009}\x{202F}\x{2010}-\x{2015}\x{3000}（）．／－]{0,3}[0-9０-９]){6,})"};
  rewrite masked{text};
  for (auto found = find(pattern, text, 0); found; found = find(pattern, text, found->end)) {
    const digit_run run = split_digits(text, found->begin, found->end);
    const auto cards = find_cards(run);
    const auto phones = find_phones(run, cards);
    for (std::size_t card = 0, phone = 0; card < cards.size() || phone < phones.size();) {
      const bool card_next =
          phone == phones.size() || (card < cards.size() && cards[card].first < phones[phone].first);
      if (card_next) {
        masked.replace({run.groups[cards[card].first].begin, run.groups[cards[card].last].end}, card_mark);
        ++card;
      } else {
        masked.replace(phone_extent(run, phones[phone++]), phone_mark);
      }
    }
  }
  return masked.finish();
}

// Eight bytes at a time: every text is looked at, and few hold a number.
std::size_t count_digits(std::string_view text) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::size_t most_words = 255; // that a byte can count
  std::size_t digits = 0;
  while (text.size() >= sizeof each) {
    const std::size_t words = std::min(text.size() / sizeof each, most_words);
    std::uint64_t counts = 0; // a byte each
    for (std::size_t i = 0; i < words; ++i) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + i * sizeof bytes, sizeof bytes);
      bytes ^= each * '0'; // a digit is 0 to 9 now, everything else more
      const std::uint64_t more = ((bytes & each * 0x7f) + each * (0x80 - 10)) | bytes; // in the highest bit
      counts += (~more >> 7U) & each;
    }
    for (; counts != 0; counts >>= 8U)
      digits += counts & 0xff;
    text.remove_prefix(words * sizeof each);
  }
  for (const char c : text)
    digits += c >= '0' && c <= '9' ? 1 : 0;
  return digits;
}

// Most texts with many digits or an '@' have the digits far apart, or an "@name": those are told here, which
// is a tenth of the patterns' time.
bool holds_signs_of_personal_data(std::string_view text) noexcept {
  constexpr std::size_t widest_gap = 9; // bytes: three signs outside ASCII
  std::size_t digits = 0;               // with no letter and no wider gap between
  std::size_t gap = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool full_width = c == '\xEF' && text.substr(at, 2) == "\xEF\xBC" && at + 2 < text.size();
    const unsigned char last = full_width ? static_cast<unsigned char>(text[at + 2]) : 0;
    if ((c >= '0' && c <= '9') || (last >= 0x90 && last <= 0x99)) {
      gap = 0;
      if (++digits == fewest_digits)
        return true;
      at += full_width ? 2 : 0;
    } else if (last == 0xA0 || (c == '@' && at > 0 && text[at - 1] != ' ')) { // 0xA0: the full-width '@'
      return true;
    } else if (++gap > widest_gap || is_alphanumeric(c)) {
      digits = 0;
    }
  }
  return false;
}

} // namespace

bool may_hold_personal_data(std::string_view text) noexcept {
  const bool other = text.find('@') != std::string_view::npos ||
                     text.find('\xEF') != std::string_view::npos; // the first byte of a full-width sign
  return (other || count_digits(text) >= fewest_digits) && holds_signs_of_personal_data(text);
}

bool mask_personal_data(std::string& text) {
  // A mark may bring what is behind it near enough to a word that says phone ("tel: [phone], 7654321"), hence
  // the rounds. Such a word reaches over a few marks at most, so there are a few rounds at most.
  bool changed = false;
  for (bool again = true; again && may_hold_personal_data(text);) {
    again = mask_emails(text);
    again = mask_ibans(text) || again;
    again = mask_numbers(text) || again;
    changed = changed || again;
  }
  return changed;
}

bool holds_personal_data(std::string_view text) {
  constexpr std::array marks{email_mark, phone_mark, card_mark, iban_mark};
  if (text.find('[') != std::string_view::npos)
    for (const std::string_view mark : marks)
      if (text.find(mark) != std::string_view::npos)
        return true;
  if (!may_hold_personal_data(text))
    return false;
  std::string copy{text};
  return mask_personal_data(copy);
}

} // namespace weir::reviews
