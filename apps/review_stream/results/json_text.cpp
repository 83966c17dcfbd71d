#include <apps/review_stream/results/json_text.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

#include <cmath>

namespace weir::reviews {

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
  *to_ += boost::json::serialize(boost::json::string_view{value.data(), value.size()});
  return *this;
}

json_text& json_text::field(std::string_view n, double value) {
  name(n);
  *to_ += std::isfinite(value) ? fmt::format("{}", value) : "null";
  return *this;
}

json_text& json_text::raw(std::string_view n, std::string_view json) {
  name(n);
  *to_ += json;
  return *this;
}

json_text& json_text::field(std::string_view n, const std::vector<std::string>& values) {
  name(n);
  *to_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    *to_ += i == 0 ? "" : ",";
    *to_ += boost::json::serialize(boost::json::string_view{values[i].data(), values[i].size()});
  }
  *to_ += ']';
  return *this;
}

json_text json_text::object(std::string_view n) {
  name(n);
  return json_text{*to_};
}

} // namespace weir::reviews
