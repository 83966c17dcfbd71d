#include <bench/baselines/caf_codec.hpp>

#include <stdexcept>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/meta/type_name.hpp>

namespace weir::bench {

/// The payload in one piece: element by element, by 40 virtual calls, it takes five times as long and more.
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, record& r) {
  if (auto failed = f(caf::meta::type_name("record"), r.key, r.ts, r.value))
    return failed;
  return f.apply_raw(sizeof r.payload, r.payload);
}

namespace {

/// CAF 0.17 knows its own optional only; this is how it writes that one.
struct maybe {
  std::optional<double>& of;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, maybe& x) {
  bool there = x.of.has_value();
  if (auto failed = f(there))
    return failed;
  if constexpr (Inspector::writes_state) {
    if (there)
      return f(x.of.emplace());
    x.of.reset();
    return caf::none;
  } else {
    return there ? f(*x.of) : caf::none;
  }
}

} // namespace

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, rated_text& t) {
  maybe rating{t.rating};
  return f(caf::meta::type_name("rated_text"), t.id, t.product, t.title, t.text, t.language, t.written,
           t.helpful, t.verified, rating, t.topics);
}

namespace {

template <class T>
void write(const std::vector<T>& batch, std::vector<char>& out) {
  caf::binary_serializer to{nullptr, out};
  if (to(batch))
    throw std::runtime_error("CAF did not write a batch");
}

template <class T>
void read(const std::vector<char>& bytes, std::vector<T>& batch) {
  caf::binary_deserializer from{nullptr, bytes};
  if (from(batch) || from.remaining() > 0)
    throw std::runtime_error("CAF did not read a batch");
}

} // namespace

void caf_encode(const std::vector<record>& batch, std::vector<char>& out) { write(batch, out); }
void caf_encode(const std::vector<rated_text>& batch, std::vector<char>& out) { write(batch, out); }
void caf_decode(const std::vector<char>& bytes, std::vector<record>& batch) { read(bytes, batch); }
void caf_decode(const std::vector<char>& bytes, std::vector<rated_text>& batch) { read(bytes, batch); }

} // namespace weir::bench
