#include <weir/observe/http_message.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstddef>

namespace weir {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
  return std::ranges::equal(a, b, {}, low, low);
}

} // namespace

std::string_view http_request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& h) { return same_name(h.first, name); });
  return found == headers.end() ? std::string_view{} : found->second;
}

std::size_t http_request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers, [&](const auto& h) { return same_name(h.first, name); }));
}

std::string_view http_request::parameter(std::string_view name) const {
  const auto found = std::ranges::find_if(parameters, [&](const auto& p) { return p.first == name; });
  return found == parameters.end() ? std::string_view{} : found->second;
}

std::optional<std::string> http_request::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) == name)
      return percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return std::nullopt;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      unsigned char byte = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
      if (digits.size() != 2 || bad != std::errc{} || end != digits.data() + 2)
        return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

http_response error_response(unsigned status, std::string_view message) {
  std::string text{message}; // may quote what a client sent
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  boost::json::object body;
  body["error"] = text;
  return {status, "application/json", boost::json::serialize(body) + "\n", {}, {}};
}

std::string server_sent_event(std::string_view id, std::string_view name, std::string_view data) {
  std::string out;
  if (!id.empty())
    out.append("id: ").append(id) += '\n';
  if (!name.empty())
    out.append("event: ").append(name) += '\n';
  while (data.ends_with('\n'))
    data.remove_suffix(1);
  for (bool more = true; more;) {
    const std::size_t end = std::min(data.find('\n'), data.size());
    out.append("data: ").append(data.substr(0, end)) += '\n';
    more = end < data.size();
    data.remove_prefix(std::min(end + 1, data.size()));
  }
  return out += '\n';
}

} // namespace weir
