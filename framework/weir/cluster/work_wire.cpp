#include <weir/cluster/work_wire.hpp>

#include <weir/cluster/wire.hpp>
#include <weir/record/byte_stream.hpp>

namespace weir::cluster {

using detail::byte_reader;
using detail::byte_writer;

namespace {

constexpr std::size_t head = 64;

struct writer {
  byte_writer out;
  void tail(std::span<const std::byte> body) { out.raw(body.data(), body.size()); }
  void tail(const packed_body& body) {
    out.number(body.plain);
    tail(body.bytes);
  }
  void operator()(const begin_worker& m) {
    out.number(m.number);
    out.number(m.movable);
    out.number(static_cast<std::uint64_t>(m.timeout.count()));
    out.number(static_cast<std::uint64_t>(m.grace.count()));
    out.flag(m.ordered);
    out.flag(m.rebuild_on_throw);
    out.flag(m.pack_answers);
    tail(m.order);
  }
  void operator()(const give_task& m) {
    out.number(m.number);
    tail(m.task);
  }
  void operator()(const end_worker& m) { out.number(m.number); }
  void operator()(const worker_said& m) {
    out.number(m.number);
    tail(m.answer);
  }
  void operator()(const worker_gone& m) {
    out.number(m.number);
    out.number(static_cast<std::uint8_t>(m.kind));
    out.number(m.current);
    out.number(static_cast<std::uint8_t>(m.why.kind));
    out.text(m.why.what, max_text);
    out.text(m.why.where, max_text);
    out.text(m.why.fix, max_text);
  }
};

std::size_t body_of(const work_message& m) {
  if (const auto* const b = std::get_if<begin_worker>(&m))
    return b->order.size();
  if (const auto* const t = std::get_if<give_task>(&m))
    return t->task.bytes.size();
  if (const auto* const a = std::get_if<worker_said>(&m))
    return a->answer.bytes.size();
  return 0;
}

std::span<const std::byte> rest(byte_reader& in) {
  const std::span<const std::byte> body{in.at(), in.left()};
  in.skip(body.size());
  return body;
}

packed_body packed_rest(byte_reader& in) {
  const auto plain = in.number<std::uint32_t>();
  return {rest(in), plain};
}

duration time_in(byte_reader& in) {
  const auto n = in.number<std::uint64_t>();
  if (n > static_cast<std::uint64_t>(duration::max().count()))
    in.fail();
  return in.ok() ? duration{static_cast<duration::rep>(n)} : duration{0};
}

} // namespace

bytes encode(const work_message& message) {
  writer to{byte_writer{head + body_of(message)}};
  to.out.number(static_cast<std::uint8_t>(message.index()));
  std::visit(to, message);
  return to.out.take();
}

result<work_message> decode_work(std::span<const std::byte> from) {
  byte_reader in{from.data(), from.size()};
  const auto kind = in.number<std::uint8_t>();
  const auto number = in.number<std::uint64_t>();
  const auto said = [&](work_message m) -> result<work_message> {
    if (in.done())
      return m;
    return permanent("a message about work that is too short, too long or not understood", "cluster",
                     "run the same build on every host");
  };
  switch (kind) {
  case 0: {
    begin_worker m{.number = number};
    m.movable = in.number<std::uint32_t>();
    m.timeout = time_in(in);
    m.grace = time_in(in);
    m.ordered = in.flag();
    m.rebuild_on_throw = in.flag();
    m.pack_answers = in.flag();
    m.order = rest(in);
    return said(m);
  }
  case 1:
    return said(give_task{number, packed_rest(in)});
  case 2:
    return said(end_worker{number});
  case 3:
    return said(worker_said{number, packed_rest(in)});
  case 4: {
    worker_gone m{.number = number};
    const auto failure = in.number<std::uint8_t>();
    m.current = in.number<std::uint32_t>();
    const auto why = in.number<std::uint8_t>();
    if (failure >= failure_kinds || why > static_cast<std::uint8_t>(error_kind::exhausted))
      in.fail();
    m.kind = static_cast<failure_kind>(failure);
    m.why.kind = static_cast<error_kind>(why);
    m.why.what = in.text(max_text);
    m.why.where = in.text(max_text);
    m.why.fix = in.text(max_text);
    return said(std::move(m));
  }
  default:
    in.fail();
    return said({});
  }
}

} // namespace weir::cluster
