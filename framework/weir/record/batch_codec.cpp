#include <weir/record/batch_codec.hpp>

#include <weir/record/codec.hpp>

#include <utility>

namespace weir {

namespace {

constexpr std::uint8_t has_offsets = 1;
constexpr std::uint8_t has_ordinals = 2;

error no_codec(const record_type& type) {
  return permanent("records of type " + type.name() + " have no codec", {},
                   "describe the type with BOOST_DESCRIBE_STRUCT, or specialise weir::codec");
}

} // namespace

result<> encode_batch(const batch& b, std::uint32_t begin, std::uint32_t end, std::vector<std::byte>& out) {
  const auto* codec = b.type().codec;
  if (codec == nullptr)
    return no_codec(b.type());
  const std::size_t before = out.size();
  encoder to{out};
  to.number(end - begin);
  to.number(b.source());
  // Of a dense batch every slice is dense; else offsets stay as they are, counted from the same position.
  to.number(b.first_position() + (b.dense() ? begin : 0));
  to.number(static_cast<std::int64_t>(b.origin().time_since_epoch().count()));
  to.number(static_cast<std::uint8_t>((b.dense() ? 0 : has_offsets) | (b.has_ordinals() ? has_ordinals : 0)));
  if (!b.dense())
    for (auto i = begin; i < end; ++i)
      to.number(b.offset(i));
  if (b.has_ordinals())
    for (auto i = begin; i < end; ++i)
      to.number(b.ordinal(i));
  if (end > begin)
    codec->encode(to, b.record(begin), end - begin);
  if (to.failed()) {
    out.resize(before);
    return permanent("a record cannot be encoded: a container is too large or a variant has no value");
  }
  return {};
}

result<batch_ptr> decode_batch(std::span<const std::byte> bytes, const record_type& type,
                               std::shared_ptr<byte_budget> budget, duration clock_shift) {
  if (type.codec == nullptr)
    return no_codec(type);
  const auto malformed = [&] { return permanent("malformed bytes for a batch of " + type.name()); };
  decoder in{bytes};
  std::uint32_t count = 0;
  std::uint32_t source = 0;
  std::uint64_t first = 0;
  std::int64_t origin = 0;
  std::uint8_t flags = 0;
  if (!in.number(count) || !in.number(source) || !in.number(first) || !in.number(origin) ||
      !in.number(flags) || flags > (has_offsets | has_ordinals))
    return malformed();
  const bool sparse = (flags & has_offsets) != 0;
  const bool ordered = (flags & has_ordinals) != 0;
  const std::size_t each =
      type.codec->min_size + (sparse ? sizeof(std::uint32_t) : 0) + (ordered ? sizeof(std::uint64_t) : 0);
  if (count == 0 || count > in.left() / each)
    return malformed();
  decoder offsets{
      {in.take(sparse ? count * sizeof(std::uint32_t) : 0), sparse ? count * sizeof(std::uint32_t) : 0}};
  decoder ordinals{
      {in.take(ordered ? count * sizeof(std::uint64_t) : 0), ordered ? count * sizeof(std::uint64_t) : 0}};

  // The sum wraps around instead of overflowing: both may be hostile.
  const auto shifted = static_cast<std::int64_t>(static_cast<std::uint64_t>(origin) +
                                                 static_cast<std::uint64_t>(clock_shift.count()));
  batch_builder built{type, count, source, first, time_point{duration{shifted}}, std::move(budget)};
  auto* slot = static_cast<std::byte*>(built.slot());
  const auto commit = [&](std::uint32_t i) {
    std::uint32_t offset = i;
    std::uint64_t ordinal = 0;
    if (sparse)
      offsets.number(offset);
    if (ordered)
      ordinals.number(ordinal);
    built.commit(offset, ordinal);
  };
  if (type.trivial) { // all at once: none needs to be destroyed
    if (type.codec->decode(in, slot, count) != count)
      return malformed();
    for (std::uint32_t i = 0; i < count; ++i)
      commit(i);
  } else {
    for (std::uint32_t i = 0; i < count; ++i, slot += type.size) {
      if (type.codec->decode(in, slot, 1) != 1)
        return malformed();
      built.add_bytes(type.bytes(slot));
      commit(i);
    }
  }
  if (in.failed() || in.left() != 0)
    return malformed();
  return built.seal();
}

} // namespace weir
