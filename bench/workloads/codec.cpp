#include <bench/workloads/codec.hpp>

#include <bench/baselines/caf_codec.hpp>
#include <bench/workloads/codec_records.hpp>
#include <bench/workloads/timed.hpp>

#include <weir/record/codec.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::bench {

namespace {

/// So many batches take turns: with their bytes they fit into a second-level cache.
constexpr std::size_t batches = 8;

/// Batches of about 64 KiB.
template <class T>
constexpr std::size_t batch_records = 0;
template <>
constexpr std::size_t batch_records<record> = 1'024;
template <>
constexpr std::size_t batch_records<rated_text> = 256;

record made(std::uint64_t i, const record& /*unused*/) { return made_record(i); }
rated_text made(std::uint64_t i, const rated_text& /*unused*/) { return made_text(i); }

// A coder: encode() replaces `out`, decode() makes records() what `bytes` is.

/// As batches cross to other processes: all records at once, into memory without records.
template <class T>
class weir_coder {
 public:
  using bytes = std::vector<std::byte>;
  weir_coder() : at_(std::allocator<T>{}.allocate(batch_records<T>)) {}
  ~weir_coder() {
    std::destroy_n(at_, size_);
    std::allocator<T>{}.deallocate(at_, batch_records<T>);
  }
  weir_coder(const weir_coder&) = delete;
  weir_coder& operator=(const weir_coder&) = delete;

  static void encode(const std::vector<T>& batch, bytes& out) {
    out.clear();
    encoder to{out};
    codec_of<T>()->encode(to, batch.data(), batch.size());
    if (to.failed())
      throw std::runtime_error("a batch was not written");
  }
  void decode(const bytes& from) {
    std::destroy_n(at_, size_);
    decoder in{from};
    size_ = codec_of<T>()->decode(in, at_, batch_records<T>);
    if (size_ != batch_records<T> || in.left() > 0)
      throw std::runtime_error("a batch was not read");
  }
  bool holds(const std::vector<T>& batch) const {
    return std::equal(at_, at_ + size_, batch.begin(), batch.end());
  }

 private:
  T* at_;
  std::size_t size_ = 0;
};

/// Record by record: of records that lie in memory as in bytes, too, each is copied alone.
template <class T>
class weir_single_coder {
 public:
  using bytes = std::vector<std::byte>;
  static void encode(const std::vector<T>& batch, bytes& out) {
    out.clear();
    encoder to{out};
    for (const T& r : batch)
      weir::encode(to, r);
    if (to.failed())
      throw std::runtime_error("a batch was not written");
  }
  void decode(const bytes& from) {
    decoder in{from};
    for (T& r : records_)
      if (!weir::decode(in, r))
        throw std::runtime_error("a record was not read");
    if (in.left() > 0)
      throw std::runtime_error("a batch was not read");
  }
  bool holds(const std::vector<T>& batch) const { return records_ == batch; }

 private:
  std::vector<T> records_{batch_records<T>};
};

template <class T>
class caf_coder {
 public:
  using bytes = std::vector<char>;
  static void encode(const std::vector<T>& batch, bytes& out) {
    out.clear();
    caf_encode(batch, out);
  }
  void decode(const bytes& from) { caf_decode(from, records_); }
  bool holds(const std::vector<T>& batch) const { return records_ == batch; }

 private:
  std::vector<T> records_;
};

/// Batches and their bytes. What was written is read and compared at the end, outside of the time measured.
template <class T, template <class> class Coder>
class coded_batches {
 public:
  coded_batches() {
    for (std::size_t b = 0; b < batches; ++b)
      for (std::size_t i = 0; i < batch_records<T>; ++i)
        records_[b].push_back(made(b * batch_records<T> + i, T{}));
    encode();
  }
  void encode() {
    for (std::size_t b = 0; b < batches; ++b)
      coder_.encode(records_[b], bytes_[b]);
  }
  void decode() {
    for (const auto& from : bytes_)
      coder_.decode(from);
  }
  void check() {
    for (std::size_t b = 0; b < batches; ++b) {
      coder_.decode(bytes_[b]);
      if (!coder_.holds(records_[b]))
        throw std::runtime_error("other records were read than were written");
    }
  }
  std::size_t size() const {
    std::size_t all = 0;
    for (const auto& one : bytes_)
      all += one.size();
    return all;
  }

 private:
  std::vector<T> records_[batches];
  typename Coder<T>::bytes bytes_[batches];
  Coder<T> coder_;
};

enum class direction { encode, decode };

template <class T, template <class> class Coder>
outcome run(direction to, std::uint64_t records) {
  coded_batches<T, Coder> all;
  const std::uint64_t rounds = records / (batches * batch_records<T>);
  const stopwatch watch;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (to == direction::encode)
      all.encode();
    else
      all.decode();
    asm("" : : : "memory"); // what a round wrote is not known to be overwritten by the next
  }
  outcome o;
  o.seconds = watch.seconds();
  all.check();
  const auto bytes = static_cast<double>(all.size());
  o.figures["mb_per_s"] = bytes * static_cast<double>(rounds) / *o.seconds / 1e6;
  o.figures["bytes_each"] = bytes / static_cast<double>(batches * batch_records<T>);
  return o;
}

template <class T>
constexpr std::uint64_t records_in(std::uint64_t rounds) {
  return rounds * batches * batch_records<T>;
}

} // namespace

std::vector<variant> codec_variants(const sizes& of) {
  const std::uint64_t flats = of.records(records_in<record>(9'600));
  const std::uint64_t caf_flats = of.full ? flats : flats / 8;
  const std::uint64_t texts = of.records(records_in<rated_text>(800));
  std::vector<variant> made;
  for (const direction to : {direction::encode, direction::decode}) {
    const std::string what = to == direction::encode ? "encode-" : "decode-";
    const auto add = [&](const std::string& who, const std::string& record, std::uint64_t records, work run) {
      std::vector<std::pair<std::string, std::string>> beside;
      const auto named = [&](std::string by) { return by.append("-").append(what).append(record); };
      if (who != "caf")
        beside.emplace_back("caf", named("caf"));
      made.push_back({.name = named(who),
                      .records = records,
                      .compared_with = std::move(beside),
                      .run = std::move(run)});
    };
    add("weir", "flat", flats, [=] { return run<record, weir_coder>(to, flats); });
    add("weir-single", "flat", flats, [=] { return run<record, weir_single_coder>(to, flats); });
    add("caf", "flat", caf_flats, [=] { return run<record, caf_coder>(to, caf_flats); });
    add("weir", "review", texts, [=] { return run<rated_text, weir_coder>(to, texts); });
    add("caf", "review", texts, [=] { return run<rated_text, caf_coder>(to, texts); });
  }
  return made;
}

} // namespace weir::bench
