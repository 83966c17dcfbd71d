#include <weir/record/payload.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <vector>

namespace weir {

namespace json = boost::json;

struct payload_writer::state {
  struct level {
    json::value value;
    std::string key;
  };
  std::vector<level> open;
  json::value root;

  void put(json::value v) {
    if (open.empty())
      root = std::move(v);
    else if (auto* object = open.back().value.if_object())
      (*object)[open.back().key] = std::move(v);
    else
      open.back().value.get_array().push_back(std::move(v));
  }
  void close() {
    auto done = std::move(open.back().value);
    open.pop_back();
    put(std::move(done));
  }
};

payload_writer::payload_writer() : state_(std::make_unique<state>()) {}
payload_writer::~payload_writer() = default;

void payload_writer::begin_object() { state_->open.push_back({json::object{}, {}}); }
void payload_writer::end_object() { state_->close(); }
void payload_writer::begin_array() { state_->open.push_back({json::array{}, {}}); }
void payload_writer::end_array() { state_->close(); }
void payload_writer::key(std::string_view name) { state_->open.back().key = name; }
void payload_writer::value(std::string_view text) { state_->put(json::string{text}); }
void payload_writer::value(std::int64_t number) { state_->put(number); }
void payload_writer::value(std::uint64_t number) { state_->put(number); }
void payload_writer::value(double number) { state_->put(number); }
void payload_writer::value(bool truth) { state_->put(truth); }
void payload_writer::null() { state_->put(nullptr); }

std::string payload_writer::text() && { return json::serialize(state_->root); }

} // namespace weir
