#include <weir/observe/admin_requests.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace weir {

namespace {

namespace json = boost::json;

constexpr std::uint32_t usual_rate = 10;
constexpr std::uint32_t most_rate = 100;

struct which_letters {
  std::vector<std::string> ids;
  std::string node;
};

/// Nothing if it is not what is documented: a typing error must not replay all.
std::optional<which_letters> letters_in(std::string_view body) {
  json::error_code bad;
  const json::value value = json::parse(json::string_view{body.data(), body.size()}, bad);
  if (bad || !value.is_object())
    return std::nullopt;
  which_letters asked;
  for (const auto& [key, what] : value.get_object()) {
    if (key == "node" && what.is_string()) {
      asked.node = json::value_to<std::string>(what);
    } else if (key == "ids" && what.is_array()) {
      if (what.get_array().empty())
        return std::nullopt;
      for (const json::value& id : what.get_array()) {
        if (!id.is_string())
          return std::nullopt;
        asked.ids.push_back(json::value_to<std::string>(id));
      }
    } else {
      return std::nullopt;
    }
  }
  return asked;
}

/// `otherwise` where it is not there; nothing where it is no number.
std::optional<std::uint64_t> number_of(const http_request& request, std::string_view name,
                                       std::uint64_t otherwise) {
  const auto given = request.query_value(name);
  return given ? whole_number(*given) : otherwise;
}

} // namespace

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

http_response replay_letters(const decltype(admin_target::replay)& replay, const http_request& request) {
  which_letters asked;
  if (!request.body.empty()) {
    auto read = letters_in(request.body);
    if (!read)
      return error_response(400, "not a request to replay (body): send {\"ids\":[\"…\"],\"node\":\"…\"}, "
                                 "each of them if wanted, or nothing for all");
    asked = std::move(*read);
  }
  if (auto id = request.query_value("id"))
    asked.ids.push_back(std::move(*id));
  if (auto node = request.query_value("node"))
    asked.node = std::move(*node);
  auto said = replay(asked.ids, asked.node);
  if (!said)
    return error_response(409, said.error().message());
  return {200, "application/json", std::move(*said), {}, {}};
}

http_response tap_node(const decltype(admin_target::tap)& tap, const http_request& request) {
  const auto rate = number_of(request, "rate", usual_rate);
  const auto limit = number_of(request, "limit", 0);
  if (!rate || *rate == 0 || *rate > most_rate)
    return error_response(400, "not a number of records a second (rate): use 1 to 100");
  if (!limit)
    return error_response(400, "not a number of records (limit): use a whole number, 0 for no end");
  auto stream = tap(std::string{request.parameter("id")}, static_cast<std::uint32_t>(*rate), *limit);
  if (!stream)
    return error_response(stream.error().kind == error_kind::transient ? 409 : 404, stream.error().message());
  http_response answer{200, "text/event-stream", {}, {}, {}};
  answer.stream = std::move(*stream);
  return answer;
}

} // namespace weir
