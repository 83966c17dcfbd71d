#include <weir/cluster/wire.hpp>

#include <weir/base/hash.hpp>
#include <weir/record/byte_stream.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir::cluster {

using detail::byte_reader;
using detail::byte_writer;

namespace {

constexpr std::uint32_t magic = 0x52494557; // "WEIR"
constexpr std::size_t header = 4 + 4 + 1 + 8;

enum class kind : std::uint8_t { data = 0, join, welcome, refuse, heartbeat, leave, left, fenced };

void begin(byte_writer& w, kind k) {
  w.number(magic);
  w.number(protocol_version);
  w.number(static_cast<std::uint8_t>(k));
  w.number(std::uint64_t{0});
}

/// Fills in the checksum.
bytes end(byte_writer& w) {
  auto& out = w.out();
  const auto sum = hash_bytes(out.data() + header, out.size() - header);
  for (std::size_t i = 0; i < 8; ++i)
    out[header - 8 + i] = static_cast<std::byte>(sum >> (8 * i));
  return w.take();
}

void put(byte_writer& w, const membership_id& id) {
  w.number(id.coordinator);
  w.number(id.incarnation);
}
membership_id id_of(byte_reader& r) {
  membership_id id;
  id.coordinator = r.number<std::uint64_t>();
  id.incarnation = r.number<std::uint64_t>();
  return id;
}

struct writer {
  byte_writer& w;
  void operator()(const join& m) const {
    begin(w, kind::join);
    w.number(m.cluster.protocol);
    w.text(m.cluster.name, max_name);
    w.number(m.cluster.fingerprint);
    w.text(m.host.name, max_name);
    w.number(m.host.boot);
    w.number(m.host.capacity);
    w.text(m.host.version, max_name);
    const auto labels = std::min(m.host.labels.size(), max_labels);
    w.number(static_cast<std::uint32_t>(labels));
    std::size_t n = 0;
    for (const auto& [key, value] : m.host.labels) {
      if (n++ == labels)
        break;
      w.text(key, max_name);
      w.text(value, max_name);
    }
    w.flag(m.resume.has_value());
    put(w, m.resume.value_or(membership_id{}));
  }
  void operator()(const welcome& m) const {
    begin(w, kind::welcome);
    put(w, m.id);
    w.flag(m.resumed);
  }
  void operator()(const refuse& m) const {
    begin(w, kind::refuse);
    w.flag(m.for_good);
    w.text(m.why.what, max_text);
    w.text(m.why.where, max_text);
    w.text(m.why.fix, max_text);
  }
  void operator()(const heartbeat& m) const {
    begin(w, kind::heartbeat);
    put(w, m.id);
    w.number(m.sequence);
    w.number(m.echo);
    w.number(m.echo_held);
    w.number(m.busy);
  }
  void operator()(const leave& m) const {
    begin(w, kind::leave);
    put(w, m.id);
  }
  void operator()(const left& m) const {
    begin(w, kind::left);
    put(w, m.id);
    w.text(m.why, max_text);
  }
  void operator()(const fenced& m) const {
    begin(w, kind::fenced);
    put(w, m.id);
  }
};

join join_of(byte_reader& r) {
  join m;
  m.cluster.protocol = r.number<std::uint32_t>();
  m.cluster.name = r.text(max_name);
  m.cluster.fingerprint = r.number<std::uint64_t>();
  m.host.name = r.text(max_name);
  m.host.boot = r.number<std::uint64_t>();
  m.host.capacity = r.number<std::uint32_t>();
  m.host.version = r.text(max_name);
  for (auto n = r.count(max_labels); n > 0 && r.ok(); --n) {
    auto key = r.text(max_name);
    m.host.labels[std::move(key)] = r.text(max_name);
  }
  const bool resumes = r.flag();
  const auto id = id_of(r);
  if (resumes)
    m.resume = id;
  return m;
}

std::optional<control_message> message_of(kind k, byte_reader& r) {
  switch (k) {
  case kind::join:
    return join_of(r);
  case kind::welcome: {
    welcome m;
    m.id = id_of(r);
    m.resumed = r.flag();
    return m;
  }
  case kind::refuse: {
    refuse m;
    m.for_good = r.flag();
    m.why.what = r.text(max_text);
    m.why.where = r.text(max_text);
    m.why.fix = r.text(max_text);
    m.why.kind = m.for_good ? error_kind::permanent : error_kind::transient;
    return m;
  }
  case kind::heartbeat: {
    heartbeat m;
    m.id = id_of(r);
    m.sequence = r.number<std::uint64_t>();
    m.echo = r.number<std::uint64_t>();
    m.echo_held = r.number<std::uint64_t>();
    m.busy = r.number<std::uint32_t>();
    return m;
  }
  case kind::leave:
    return leave{id_of(r)};
  case kind::left: {
    left m;
    m.id = id_of(r);
    m.why = r.text(max_text);
    return m;
  }
  case kind::fenced:
    return fenced{id_of(r)};
  case kind::data:
    break;
  }
  return std::nullopt;
}

link_frame frame_of(byte_reader& r, std::shared_ptr<const bytes> whole) {
  link_frame f;
  f.id = id_of(r);
  f.sequence = r.number<std::uint64_t>();
  f.acknowledged = r.number<std::uint64_t>();
  f.may_frames = r.number<std::uint64_t>();
  f.may_bytes = r.number<std::uint64_t>();
  f.last = r.flag();
  f.size = r.left();
  f.offset = static_cast<std::size_t>(r.at() - whole->data());
  f.of = std::move(whole);
  return f;
}

error nonsense(std::string what) {
  return permanent("what came is no frame of a Weir host: " + std::move(what), "cluster connection",
                   "is that address a host of this cluster?");
}

} // namespace

bytes encode(const control_message& message) {
  byte_writer w;
  std::visit(writer{w}, message);
  return end(w);
}

bytes encode(const link_frame& f) {
  byte_writer w{header + 64 + f.size};
  begin(w, kind::data);
  put(w, f.id);
  w.number(f.sequence);
  w.number(f.acknowledged);
  w.number(f.may_frames);
  w.number(f.may_bytes);
  w.flag(f.last);
  if (f.size > 0)
    w.raw(f.payload(), f.size);
  return end(w);
}

result<decoded> decode(std::shared_ptr<const bytes> frame) {
  byte_reader r{frame->data(), frame->size()};
  const auto sign = r.number<std::uint32_t>();
  const auto protocol = r.number<std::uint32_t>();
  const auto k = r.number<std::uint8_t>();
  const auto sum = r.number<std::uint64_t>();
  if (!r.ok() || sign != magic)
    return nonsense("it does not begin as one");
  if (k > static_cast<std::uint8_t>(kind::fenced))
    return nonsense("kind " + std::to_string(k));
  if (hash_bytes(r.at(), r.left()) != sum)
    return nonsense("its checksum is wrong");
  if (protocol != protocol_version) {
    // A stranger's greeting is answered with a refusal that names the versions, and so is a refusal read.
    if (static_cast<kind>(k) == kind::join) {
      join other;
      other.cluster.protocol = protocol;
      other.host.name = "?";
      return decoded{control_message{std::move(other)}};
    }
    if (static_cast<kind>(k) != kind::refuse)
      return nonsense("version " + std::to_string(protocol) + " of the protocol");
  }
  if (static_cast<kind>(k) == kind::data) {
    auto f = frame_of(r, frame);
    if (!r.ok())
      return nonsense("it is too short");
    return decoded{std::move(f)};
  }
  auto message = message_of(static_cast<kind>(k), r);
  if (!message || !r.done())
    return nonsense("its length is wrong");
  return decoded{*std::move(message)};
}

} // namespace weir::cluster
