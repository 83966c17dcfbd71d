#include <weir/runtime/task_bytes.hpp>

#include <weir/record/batch_codec.hpp>
#include <weir/record/byte_stream.hpp>

#include <utility>

namespace weir::detail {

namespace {

constexpr std::size_t max_text = 4096; // bytes of an error's words; longer ones are cut
constexpr std::size_t most_failures = std::size_t{1} << 24U;
constexpr std::size_t most_batches = std::size_t{1} << 20U;

error malformed(const char* what) {
  return permanent(std::string{"malformed bytes of "} + what, "cluster", "run the same build on every host");
}

void put(byte_writer& out, const error& e) {
  out.number(static_cast<std::uint8_t>(e.kind));
  out.text(e.what, max_text);
  out.text(e.where, max_text);
  out.text(e.fix, max_text);
}
error get_error(byte_reader& in) {
  error e;
  const auto kind = in.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(error_kind::exhausted))
    in.fail();
  else
    e.kind = static_cast<error_kind>(kind);
  e.what = in.text(max_text);
  e.where = in.text(max_text);
  e.fix = in.text(max_text);
  return e;
}
void put(byte_writer& out, time_point t) {
  out.number(static_cast<std::uint64_t>(t.time_since_epoch().count()));
}
time_point get_time(byte_reader& in) {
  return time_point{duration{static_cast<duration::rep>(in.number<std::uint64_t>())}};
}
/// Negative ones are an error.
duration get_duration(byte_reader& in) {
  const auto n = in.number<std::uint64_t>();
  if (n > static_cast<std::uint64_t>(duration::max().count())) {
    in.fail();
    return duration{0};
  }
  return duration{static_cast<duration::rep>(n)};
}

// Times that were read may be any: these end at the ends of their types instead of overflowing.
duration since(time_point from, time_point to) noexcept {
  duration::rep made = 0;
  if (__builtin_sub_overflow(to.time_since_epoch().count(), from.time_since_epoch().count(), &made))
    return to > from ? duration::max() : duration::min();
  return duration{made};
}
time_point moved(time_point t, duration by) noexcept {
  duration::rep made = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), by.count(), &made))
    return by > duration{0} ? time_point::max() : time_point::min();
  return time_point{duration{made}};
}

failure_kind get_failure_kind(byte_reader& in) {
  const auto kind = in.number<std::uint8_t>();
  if (kind >= failure_kinds) {
    in.fail();
    return failure_kind::error;
  }
  return static_cast<failure_kind>(kind);
}
task_kind get_task_kind(byte_reader& in) {
  const auto kind = in.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(task_kind::drain)) {
    in.fail();
    return task_kind::run;
  }
  return static_cast<task_kind>(kind);
}

/// Its size goes before it.
result<> put_batch(byte_writer& out, const batch& b, std::uint32_t begin, std::uint32_t end) {
  auto& bytes = out.out();
  const auto at = bytes.size();
  out.number(std::uint64_t{0});
  auto done = encode_batch(b, begin, end, bytes);
  if (!done)
    return done;
  const std::uint64_t size = bytes.size() - at - sizeof(std::uint64_t);
  for (std::size_t i = 0; i < sizeof size; ++i)
    bytes[at + i] = static_cast<std::byte>(size >> (8 * i));
  return done;
}
result<batch_ptr> get_batch(byte_reader& in, const record_type& type,
                            const std::shared_ptr<byte_budget>& budget, duration shift) {
  const auto size = in.number<std::uint64_t>();
  if (!in.ok() || size > in.left())
    return malformed("a batch");
  auto read = decode_batch({in.at(), static_cast<std::size_t>(size)}, type, budget, shift);
  in.skip(static_cast<std::size_t>(size));
  return read;
}

} // namespace

std::vector<std::byte> encode_order(const remote_places::worker_order& order) {
  byte_writer out;
  out.number(order.node);
  out.number(order.worker);
  out.number(order.incarnation);
  out.flag(order.last_crash.has_value());
  if (order.last_crash) {
    const crash_report& c = *order.last_crash;
    out.number(static_cast<std::uint8_t>(c.kind));
    put(out, c.why);
    out.flag(c.record.has_value());
    if (c.record) {
      out.number(c.record->source);
      out.number(c.record->position);
      out.number(c.record->ordinal);
    }
    put(out, c.at);
    out.number(c.restarts);
  }
  return out.take();
}

result<remote_places::worker_order> decode_order(std::span<const std::byte> bytes) {
  byte_reader in{bytes.data(), bytes.size()};
  remote_places::worker_order order{};
  order.node = in.number<std::uint32_t>();
  order.worker = in.number<std::uint32_t>();
  order.incarnation = in.number<std::uint32_t>();
  if (in.flag()) {
    crash_report c;
    c.kind = get_failure_kind(in);
    c.why = get_error(in);
    if (in.flag()) {
      record_id id;
      id.source = in.number<std::uint32_t>();
      id.position = in.number<std::uint64_t>();
      id.ordinal = in.number<std::uint64_t>();
      c.record = id;
    }
    c.at = get_time(in);
    c.restarts = in.number<std::uint32_t>();
    order.last_crash = std::move(c);
  }
  if (!in.done())
    return malformed("an order");
  return order;
}

result<std::vector<std::byte>> encode_task(const task& t) {
  byte_writer out{t.input ? 64 + t.input->bytes() : 64};
  out.number(static_cast<std::uint8_t>(t.kind));
  out.number(t.id);
  out.number(t.attempt);
  out.number(t.begin);
  out.flag(t.careful);
  out.flag(t.input != nullptr);
  if (t.input)
    if (auto done = put_batch(out, *t.input, t.begin, t.end); !done)
      return done.error();
  return out.take();
}

result<arrived_task> decode_task(std::span<const std::byte> bytes, const record_type* input,
                                 std::shared_ptr<byte_budget> budget) {
  byte_reader in{bytes.data(), bytes.size()};
  arrived_task t;
  t.what.kind = get_task_kind(in);
  t.what.id = in.number<std::uint64_t>();
  t.what.attempt = in.number<std::uint32_t>();
  t.begin = in.number<std::uint32_t>();
  t.what.careful = in.flag();
  if (in.flag()) {
    if (input == nullptr)
      return malformed("a task");
    auto b = get_batch(in, *input, budget, {});
    if (!b)
      return b.error();
    t.what.input = *std::move(b);
    t.what.end = t.what.input->size();
  }
  if (!in.done() || (t.what.kind == task_kind::run) != (t.what.input != nullptr))
    return malformed("a task");
  return t;
}

result<std::vector<std::byte>> encode_answer(const answer& a, std::uint32_t begin) {
  if (a.in_place || a.failed_input || a.died)
    return permanent("an answer that cannot be sent", "cluster");
  std::size_t expected = 128;
  for (const auto& port : a.outputs)
    for (const auto& b : port)
      expected += b->bytes() + 64;
  byte_writer out{expected};
  out.number(a.task);
  out.number(static_cast<std::uint8_t>(a.kind));
  out.number(static_cast<std::uint8_t>((a.whole ? 1 : 0) | (a.whole_timed_out ? 2 : 0) | (a.threw ? 4 : 0) |
                                       (a.timer ? 8 : 0)));
  out.number(a.next + begin);
  out.number(a.filtered);
  out.number(a.aggregated);
  out.number(static_cast<std::uint64_t>(a.took.count()));
  put(out, a.ended);
  if (a.timer)
    put(out, *a.timer);
  if (a.whole)
    put(out, *a.whole);
  out.number(static_cast<std::uint32_t>(a.failures.size()));
  for (const auto& f : a.failures) {
    out.number(f.index + begin);
    out.number(static_cast<std::uint8_t>(f.kind));
    put(out, f.why);
  }
  out.number(static_cast<std::uint32_t>(a.outputs.size()));
  for (const auto& port : a.outputs) {
    out.number(static_cast<std::uint32_t>(port.size()));
    for (const auto& b : port)
      if (auto done = put_batch(out, *b, 0, b->size()); !done)
        return done.error();
  }
  return out.take();
}

result<answer> decode_answer(std::span<const std::byte> bytes, const std::vector<const record_type*>& outputs,
                             std::shared_ptr<byte_budget> budget, time_point now) {
  byte_reader in{bytes.data(), bytes.size()};
  answer a;
  a.task = in.number<std::uint64_t>();
  a.kind = get_task_kind(in);
  const auto flags = in.number<std::uint8_t>();
  a.whole_timed_out = (flags & 2U) != 0;
  a.threw = (flags & 4U) != 0;
  a.next = in.number<std::uint32_t>();
  a.filtered = in.number<std::uint64_t>();
  a.aggregated = in.number<std::uint64_t>();
  a.took = get_duration(in);
  const duration shift = since(get_time(in), now);
  a.ended = now;
  if ((flags & 8U) != 0)
    a.timer = moved(get_time(in), shift);
  if ((flags & 1U) != 0)
    a.whole = get_error(in);
  const auto failures = in.count(most_failures);
  for (std::size_t i = 0; i < failures && in.ok(); ++i) {
    record_failure f{};
    f.index = in.number<std::uint32_t>();
    f.kind = get_failure_kind(in);
    f.why = get_error(in);
    a.failures.push_back(std::move(f));
  }
  if (in.count(most_batches) != outputs.size() || !in.ok())
    return malformed("an answer");
  // What a task made of its input is as old as that, by the clock here; what it made of nothing, by its own.
  const duration age = a.kind == task_kind::run ? duration{0} : shift;
  for (const record_type* type : outputs) {
    auto& port = a.outputs.emplace_back();
    const auto batches = in.count(most_batches);
    for (std::size_t i = 0; i < batches; ++i) {
      auto b = get_batch(in, *type, budget, age);
      if (!b)
        return b.error();
      port.push_back(*std::move(b));
    }
  }
  if (!in.done())
    return malformed("an answer");
  return a;
}

} // namespace weir::detail
