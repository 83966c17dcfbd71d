#include <apps/review_stream/response/product_name.hpp>

#include <apps/review_stream/text/markup.hpp>
#include <apps/review_stream/text/personal_data.hpp>

#include <algorithm>
#include <cstddef>

#include <utf8proc.h>

namespace weir::reviews {
namespace {

constexpr std::size_t most_bytes_read = 1024;

enum class kind { letter, other, blank, invisible };

kind kind_of(utf8proc_int32_t code_point) noexcept {
  switch (utf8proc_category(code_point)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
    return kind::letter;
  case UTF8PROC_CATEGORY_ZS:
  case UTF8PROC_CATEGORY_ZL:
  case UTF8PROC_CATEGORY_ZP:
  case UTF8PROC_CATEGORY_CC: // line ends and tabs among them
    return kind::blank;
  case UTF8PROC_CATEGORY_CF: // direction marks, joiners
  case UTF8PROC_CATEGORY_CS:
  case UTF8PROC_CATEGORY_CO:
  case UTF8PROC_CATEGORY_CN:
    return kind::invisible;
  default:
    return kind::other;
  }
}

bool holds_web_address(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return name.find("://") != std::string::npos || name.find("www.") != std::string::npos;
}

void cut(std::string& name) {
  int characters = 0;
  std::size_t last_but_one = 0; // where the last character that fits starts
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(name[at]) & 0xC0U) != 0x80U;
    if (!starts)
      continue;
    if (++characters == longest_product_name)
      last_but_one = at;
    if (characters > longest_product_name) {
      name.resize(last_but_one);
      name += "…";
      return;
    }
  }
}

} // namespace

std::optional<std::string> shown_product_name(std::string_view name) {
  name = name.substr(0, most_bytes_read);
  std::string shown;
  bool letters = false;
  bool blank = false; // one is owed before the next character
  for (std::size_t at = 0; at < name.size();) {
    if (name[at] == '<' || name[at] == '>') { // neither stays, so no tag can
      at += name[at] == '<' ? std::max<std::size_t>(tag_length(name.substr(at)), 1) : 1;
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const auto taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(name.data()) + at,
                                        static_cast<utf8proc_ssize_t>(name.size() - at), &code_point);
    const std::size_t bytes = taken > 0 ? static_cast<std::size_t>(taken) : 1;
    const kind is = taken > 0 ? kind_of(code_point) : kind::invisible;
    if (is == kind::blank) {
      blank = !shown.empty();
    } else if (is != kind::invisible) {
      if (blank)
        shown.push_back(' ');
      blank = false;
      letters = letters || is == kind::letter;
      shown.append(name.substr(at, bytes));
    }
    at += bytes;
  }
  if (!letters || holds_web_address(shown))
    return std::nullopt;
  mask_personal_data(shown); // before the cut, which might leave half a number
  cut(shown);
  return shown;
}

} // namespace weir::reviews
