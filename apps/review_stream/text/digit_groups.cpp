#include <apps/review_stream/text/digit_groups.hpp>

namespace weir::reviews {
namespace {

constexpr std::string_view full_width_start = "\xEF\xBC"; // then 0x90 to 0x99 for the ten digits

struct digit {
  char ascii = 0; // 0: none
  std::size_t bytes = 1;
};

digit digit_at(std::string_view text, std::size_t at) noexcept {
  const char c = text[at];
  if (c >= '0' && c <= '9')
    return {c, 1};
  if (text.substr(at).starts_with(full_width_start) && at + 2 < text.size()) {
    const int value = static_cast<unsigned char>(text[at + 2]) - 0x90;
    if (value >= 0 && value <= 9)
      return {static_cast<char>('0' + value), 3};
  }
  return {};
}

} // namespace

digit_run split_digits(std::string_view text, std::size_t begin, std::size_t end) {
  digit_run run;
  run.text = text;
  bool in_group = false;
  for (std::size_t at = begin; at < end;) {
    const digit d = digit_at(text, at);
    if (d.ascii == 0) {
      in_group = false;
    } else {
      if (!in_group)
        run.groups.push_back({at, at, run.digits.size(), 0});
      in_group = true;
      run.digits.push_back(d.ascii);
      run.groups.back().end = at + d.bytes;
      ++run.groups.back().count;
    }
    at += d.bytes;
  }
  return run;
}

} // namespace weir::reviews
