#include <apps/review_stream/results/json_text.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <iterator>

namespace weir::reviews {

namespace {

bool needs_escapes(std::string_view text) noexcept {
  std::uint8_t found = 0; // and no branch, so that the compiler makes vector code of it
  for (const char byte : text) {
    const auto c = static_cast<std::uint8_t>(byte);
    found = static_cast<std::uint8_t>(found | (c < 0x20 || c == '"' || c == '\\' ? 1 : 0));
  }
  return found != 0;
}

void append_string(std::string& to, std::string_view text) {
  if (needs_escapes(text))
    to += boost::json::serialize(boost::json::string_view{text.data(), text.size()});
  else
    to.append(1, '"').append(text).append(1, '"');
}

} // namespace

void append_list(std::string& to, const std::vector<std::string>& strings) {
  to += '[';
  for (std::size_t i = 0; i < strings.size(); ++i) {
    to += i == 0 ? "" : ",";
    append_string(to, strings[i]);
  }
  to += ']';
}

void json_text::name(std::string_view name) {
  if (!first_)
    *to_ += ',';
  first_ = false;
  *to_ += '"';
  *to_ += name;
  *to_ += "\":";
}

json_text& json_text::field(std::string_view n, std::string_view value) {
  name(n);
  append_string(*to_, value);
  return *this;
}

json_text& json_text::field(std::string_view n, double value) {
  name(n);
  if (std::isfinite(value))
    fmt::format_to(std::back_inserter(*to_), "{}", value);
  else
    *to_ += "null";
  return *this;
}

json_text& json_text::raw(std::string_view n, std::string_view json) {
  name(n);
  *to_ += json;
  return *this;
}

json_text& json_text::field(std::string_view n, const std::vector<std::string>& values) {
  name(n);
  append_list(*to_, values);
  return *this;
}

json_text json_text::object(std::string_view n) {
  name(n);
  return json_text{*to_};
}

} // namespace weir::reviews
