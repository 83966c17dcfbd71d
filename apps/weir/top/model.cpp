#include <apps/weir/top/model.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <utility>

namespace weir::top {

namespace {

namespace json = boost::json;

const json::value* find(const json::object& in, std::string_view name) {
  const auto at = in.find(name);
  return at == in.end() ? nullptr : &at->value();
}

const json::object* object_in(const json::object& in, std::string_view name) {
  const json::value* v = find(in, name);
  return v == nullptr ? nullptr : v->if_object();
}

const json::array* array_in(const json::object& in, std::string_view name) {
  const json::value* v = find(in, name);
  return v == nullptr ? nullptr : v->if_array();
}

figure number_in(const json::object& in, std::string_view name) {
  const json::value* v = find(in, name);
  if (v == nullptr || !v->is_number())
    return std::nullopt;
  const double n = v->to_number<double>();
  return std::isfinite(n) ? figure{n} : std::nullopt;
}

figure number_in(const json::object* in, std::string_view name) {
  return in == nullptr ? std::nullopt : number_in(*in, name);
}

std::optional<std::uint64_t> count_in(const json::object& in, std::string_view name) {
  const figure n = number_in(in, name);
  if (!n || *n < 0 || *n > 9e15)
    return std::nullopt;
  return static_cast<std::uint64_t>(*n);
}

std::string text_of(const json::value* v) {
  const json::string* s = v == nullptr ? nullptr : v->if_string();
  return s == nullptr ? std::string{} : std::string{s->data(), s->size()};
}

std::string text_in(const json::object& in, std::string_view name) { return text_of(find(in, name)); }

bool flag_in(const json::object& in, std::string_view name) {
  const json::value* v = find(in, name);
  return v != nullptr && v->is_bool() && v->get_bool();
}

/// What `read` makes of each object of the list, if there is one.
template <class Read>
auto each_in(const json::array* list, Read read) {
  std::vector<decltype(read(std::declval<const json::object&>()))> all;
  if (list != nullptr)
    for (const json::value& v : *list)
      if (const json::object* o = v.if_object())
        all.push_back(read(*o));
  return all;
}

std::optional<progress_view> progress_in(const json::object& in) {
  const json::object* p = object_in(in, "progress");
  const figure done = number_in(p, "done");
  const figure total = number_in(p, "total");
  if (!done || !total || *total <= 0)
    return std::nullopt;
  return progress_view{*done, *total, number_in(p, "eta_s")};
}

worker_view worker_of(const json::object& in) {
  return {count_in(in, "index").value_or(0), text_in(in, "state"), number_in(in, "task_age_s"),
          number_in(in, "restarts")};
}

node_view node_of(const json::object& in) {
  node_view n;
  n.id = text_in(in, "id");
  n.role = text_in(in, "role");
  n.state = text_in(in, "state");
  n.cause = text_in(in, "cause");
  if (const json::object* last = object_in(in, "last_failure"))
    n.last_failure = failure_view{text_in(*last, "kind"), text_in(*last, "cause"), number_in(*last, "ago_s")};
  n.stalled = flag_in(in, "stalled");
  n.received_per_s = number_in(in, "received_per_s");
  n.sent_per_s = number_in(in, "sent_per_s");
  n.errors_per_s = number_in(in, "errors_per_s");
  n.received = number_in(in, "received");
  n.sent = number_in(in, "sent");
  n.delivered = number_in(in, "delivered");
  n.filtered = number_in(in, "filtered");
  n.errors = number_in(in, "errors");
  n.retries = number_in(in, "retries");
  n.timeouts = number_in(in, "timeouts");
  n.restarts = number_in(in, "restarts");
  n.dead_letters = number_in(in, "dead_letters");
  n.queue_records = number_in(in, "queue_records");
  n.queue_bytes = number_in(in, "queue_bytes");
  const json::object* time = object_in(in, "time");
  n.busy = number_in(time, "busy");
  n.idle = number_in(time, "idle");
  n.backpressured = number_in(time, "backpressured");
  const json::object* task = object_in(in, "task_ms");
  n.task_p50_ms = number_in(task, "p50");
  n.task_p99_ms = number_in(task, "p99");
  const json::object* latency = object_in(in, "latency_ms");
  n.latency_p50_ms = number_in(latency, "p50");
  n.latency_p99_ms = number_in(latency, "p99");
  const json::object* workers = object_in(in, "workers");
  n.workers_min = number_in(workers, "min");
  n.workers_max = number_in(workers, "max");
  n.workers_now = number_in(workers, "now");
  n.workers_busy = number_in(workers, "busy");
  n.workers_hung = number_in(workers, "hung");
  n.workers = each_in(array_in(in, "worker_list"), worker_of);
  n.progress = progress_in(in);
  return n;
}

result<json::object> parse_object(std::string_view text) {
  json::error_code wrong;
  json::value v = json::parse(json::string_view{text.data(), text.size()}, wrong);
  if (wrong)
    return transient("the answer is no JSON: " + wrong.message());
  if (!v.is_object())
    return transient("the answer is no JSON object");
  return std::move(v.get_object());
}

} // namespace

result<workflow_view> parse_workflow(std::string_view text) {
  const auto parsed = parse_object(text);
  if (!parsed)
    return parsed.error();
  const json::object& in = *parsed;
  const json::array* nodes = array_in(in, "nodes");
  if (nodes == nullptr)
    return transient("the answer names no nodes");
  workflow_view w;
  w.workflow = text_in(in, "workflow");
  w.state = text_in(in, "state");
  w.version = text_in(in, "version");
  w.ready = flag_in(in, "ready");
  w.up_s = number_in(in, "up_s");
  const json::object* rates = object_in(in, "rates");
  w.records_per_s = number_in(rates, "records_per_s");
  w.error_ratio = number_in(rates, "error_ratio");
  w.queue_records = number_in(rates, "queue_records");
  w.queue_bytes = number_in(rates, "queue_bytes");
  w.workers_busy = number_in(rates, "workers_busy");
  w.workers = number_in(rates, "workers");
  const json::object* latency = rates == nullptr ? nullptr : object_in(*rates, "latency_ms");
  w.latency_p50_ms = number_in(latency, "p50");
  w.latency_p99_ms = number_in(latency, "p99");
  const json::object* memory = object_in(in, "memory");
  w.memory_used = number_in(memory, "used");
  w.memory_limit = number_in(memory, "limit");
  w.progress = progress_in(in);
  if (const json::array* warnings = array_in(in, "warnings"))
    for (const json::value& v : *warnings)
      if (v.is_string())
        w.warnings.push_back(text_of(&v));
  if (const json::object* culprit = object_in(in, "culprit"))
    w.culprit = culprit_view{text_in(*culprit, "node"), text_in(*culprit, "reason")};
  w.nodes = each_in(nodes, node_of);
  return w;
}

result<std::vector<event_view>> parse_events(std::string_view text) {
  const auto parsed = parse_object(text);
  if (!parsed)
    return parsed.error();
  const json::array* events = array_in(*parsed, "events");
  if (events == nullptr)
    return transient("the answer names no events");
  return each_in(events, [](const json::object& e) {
    return event_view{count_in(e, "number").value_or(0),
                      text_in(e, "time"),
                      text_in(e, "kind"),
                      text_in(e, "node"),
                      count_in(e, "worker"),
                      text_in(e, "cause")};
  });
}

std::string parse_error_text(std::string_view text) {
  const auto parsed = parse_object(text);
  return parsed ? text_in(*parsed, "error") : std::string{};
}

} // namespace weir::top
