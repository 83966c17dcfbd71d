#include <actors/lines/line_splitter.hpp>

#include <algorithm>

namespace weir::actors {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// What may be stripped from a line: a byte order mark and '\r'.
constexpr std::size_t strippable_bytes = byte_order_mark.size() + 1;

} // namespace

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes)
    return text;
  std::size_t end = bytes;
  for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U; ++back)
    --end;
  return text.substr(0, end);
}

void line_splitter::carry(std::string_view part) {
  carried_ += part.size();
  const std::size_t bound = carried_ > max_ + strippable_bytes ? excerpt_bytes : max_ + strippable_bytes;
  if (carry_.size() > bound)
    carry_.resize(bound);
  else
    carry_.append(part.substr(0, bound - carry_.size()));
}

std::optional<ended_line> end_of_line(std::string_view text, std::uint64_t bytes, bool first,
                                      std::size_t max) noexcept {
  if (first && text.starts_with(byte_order_mark)) {
    text.remove_prefix(byte_order_mark.size());
    bytes -= byte_order_mark.size();
  }
  const bool whole = text.size() == bytes;
  if (whole && text.ends_with('\r')) {
    text.remove_suffix(1);
    --bytes;
  }
  if (whole && text.find_first_not_of(" \t") == std::string_view::npos)
    return std::nullopt;
  const bool too_long = bytes > max;
  return ended_line{too_long ? utf8_prefix(text, line_splitter::excerpt_bytes) : text, bytes, too_long};
}

bool line_splitter::complete(std::string_view text, std::uint64_t bytes, line& out) const {
  const auto ended = end_of_line(text, bytes, number_ == 1, max_);
  if (ended)
    out = {ended->text, number_, ended->bytes, ended->too_long};
  return ended.has_value();
}

bool line_splitter::next(line& out) {
  for (;;) {
    if (handed_out_) {
      carry_.clear();
      handed_out_ = false;
    }
    if (rest_.empty())
      return false;
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      carry(rest_);
      rest_ = {};
      return false;
    }
    std::string_view text = rest_.substr(0, end);
    std::uint64_t bytes = text.size();
    rest_.remove_prefix(end + 1);
    ++number_;
    if (carried_ > 0) {
      carry(text);
      text = carry_;
      bytes = carried_;
      carried_ = 0;
      handed_out_ = true;
    }
    if (complete(text, bytes, out))
      return true;
  }
}

bool line_splitter::finish(line& out) {
  if (carried_ == 0)
    return false;
  ++number_;
  unended_ = true;
  handed_out_ = true;
  const std::uint64_t bytes = carried_;
  carried_ = 0;
  return complete(carry_, bytes, out);
}

} // namespace weir::actors
