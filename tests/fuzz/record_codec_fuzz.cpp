// Records read from any bytes (weir::codec): every kind of member that has a codec. What is read takes no
// more memory than the bytes read explain, has no more elements than they have bytes, and is written and read
// as the same.

// sources: framework/weir/record/codec.cpp framework/weir/record/payload.cpp framework/weir/record/gather.cpp
// sources: framework/weir/base/hash.cpp
// libraries: -lboost_json -lxxhash

#include <tests/fuzz/support/allocated.hpp>
#include <tests/fuzz/support/seeds.hpp>
#include <weir/record/codec.hpp>
#include <weir/record/record_type.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe/class.hpp>

using namespace weir;

namespace {

enum class colour : std::uint8_t { red, green, blue };

/// Compared bit by bit: not a number is equal to itself.
struct real {
  double x = 0;
  friend bool operator==(const real& a, const real& b) {
    return std::bit_cast<std::uint64_t>(a.x) == std::bit_cast<std::uint64_t>(b.x);
  }
};
BOOST_DESCRIBE_STRUCT(real, (), (x))

/// Copied as it lies.
struct flat {
  std::uint64_t key = 0;
  real value;
  std::int16_t small[4] = {};
  friend bool operator==(const flat&, const flat&) = default;
};
BOOST_DESCRIBE_STRUCT(flat, (), (key, value, small))
static_assert(detail::is_block<flat>());

/// With padding: member by member.
struct place {
  real x;
  std::int32_t floor = 0;
  bool inside = false;
  friend bool operator==(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (x, floor, inside))

struct note {
  std::string text;
  std::optional<std::string> author;
  std::vector<std::string> tags;
  friend bool operator==(const note&, const note&) = default;
};
BOOST_DESCRIBE_STRUCT(note, (), (text, author, tags))

using any = std::variant<std::monostate, std::int64_t, std::string, place, std::vector<real>>;

struct everything {
  std::uint8_t count = 0;
  std::int64_t number = 0;
  float fraction = 0;
  std::string text;
  std::vector<std::uint16_t> numbers;
  std::vector<real> reals;
  std::vector<bool> bits;
  std::vector<flat> flats;
  std::vector<note> notes;
  std::vector<std::optional<std::string>> gaps;
  std::vector<any> mixed;
  std::optional<place> maybe;
  any one;
  std::map<std::string, std::vector<note>> by_name;
  std::unordered_map<std::uint32_t, place> by_number;
  std::set<std::int16_t> seen;
  std::pair<std::int8_t, std::string> two;
  std::tuple<bool, real, colour> three;
  std::array<std::optional<std::string>, 2> fixed;
  std::chrono::milliseconds took{0};

  auto rest() const {
    return std::tie(count, number, text, numbers, reals, bits, flats, notes, gaps, mixed, maybe, one, by_name,
                    by_number, seen, two, three, fixed, took);
  }
  friend bool operator==(const everything& a, const everything& b) {
    return std::bit_cast<std::uint32_t>(a.fraction) == std::bit_cast<std::uint32_t>(b.fraction) &&
           a.rest() == b.rest();
  }
  std::size_t elements() const {
    std::size_t n = text.size() + numbers.size() + reals.size() + bits.size() + flats.size() + notes.size() +
                    gaps.size() + mixed.size() + by_name.size() + by_number.size() + seen.size() +
                    two.second.size();
    for (const auto& m : mixed)
      n += elements_of(m);
    n += elements_of(one);
    for (const auto& x : notes)
      n += elements_of(x);
    for (const auto& [name, some] : by_name) {
      n += name.size() + some.size();
      for (const auto& x : some)
        n += elements_of(x);
    }
    for (const auto& x : gaps)
      n += x ? x->size() : 0;
    for (const auto& x : fixed)
      n += x ? x->size() : 0;
    return n;
  }

 private:
  static std::size_t elements_of(const note& x) {
    std::size_t n = x.text.size() + (x.author ? x.author->size() : 0) + x.tags.size();
    for (const auto& tag : x.tags)
      n += tag.size();
    return n;
  }
  static std::size_t elements_of(const any& x) {
    if (const auto* const text = std::get_if<std::string>(&x))
      return text->size();
    if (const auto* const reals = std::get_if<std::vector<real>>(&x))
      return reals->size();
    return 0;
  }
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (count, number, fraction, text, numbers, reals, bits, flats, notes, gaps, mixed, maybe,
                       one, by_name, by_number, seen, two, three, fixed, took))

/// Bytes of memory for a byte read: one byte is an empty optional or variant in a vector.
constexpr std::size_t most_times = std::max(sizeof(std::optional<std::string>), sizeof(any));
/// A vector that grows asks for twice what it needs, and has asked for as much before.
constexpr std::size_t most_times_in_all = 4 * most_times;

void must(bool holds) {
  if (!holds)
    std::abort();
}

template <class T>
fuzz::bytes encoded(const T& value) {
  fuzz::bytes made;
  encoder out{made};
  encode(out, value);
  must(!out.failed());
  return made;
}

void read_one(std::span<const std::byte> input) {
  decoder in{input};
  everything value;
  const fuzz::allocated memory;
  const bool good = decode(in, value);
  memory.at_most(most_times_in_all * input.size());
  must(good == !in.failed());
  if (!good)
    return;
  const std::size_t read = input.size() - in.left();
  must(read >= detail::min_size<everything>());
  must(value.elements() <= read);
  must(byte_size(value) <= sizeof value + most_times * read);
  const auto again = encoded(value);
  must(again.size() == read); // the order of sets and maps may differ
  decoder second{again};
  everything same;
  must(decode(second, same) && second.left() == 0 && same == value);
}

/// Through the table of the type, as batches are read.
template <class T>
void read_many(std::span<const std::byte> input) {
  const record_codec& codec = *codec_of<T>();
  const std::size_t count = input.size() / codec.min_size;
  if (count == 0)
    return;
  std::allocator<T> records;
  T* const to = records.allocate(count);
  decoder in{input};
  const fuzz::allocated memory;
  const std::size_t made = codec.decode(in, to, count);
  memory.at_most(most_times_in_all * input.size());
  must(made <= count && (made == count) == !in.failed());
  fuzz::bytes again;
  encoder out{again};
  codec.encode(out, to, made);
  must(!out.failed() && (in.failed() || again.size() == input.size() - in.left()));
  std::destroy_n(to, made);
  records.deallocate(to, count);
}

enum class kind : std::uint8_t { one, flats, notes, kinds };

everything full() {
  everything e;
  e.count = 3;
  e.number = -5;
  e.fraction = 0.5F;
  e.text = "text";
  e.numbers = {1, 2, 3};
  e.reals = {{0.25}};
  e.bits = {true, false};
  e.flats = {{9, {1.5}, {1, 2, 3, 4}}};
  e.notes = {{"a note", "somebody", {"one", "two"}}};
  e.gaps = {std::nullopt, "here"};
  e.mixed = {std::monostate{}, std::int64_t{7}, "words", place{{2.5}, 1, true}, std::vector<real>{{1}, {2}}};
  e.maybe = place{{1}, -2, false};
  e.one = "chosen";
  e.by_name = {{"first", {{"x", std::nullopt, {}}}}, {"second", {}}};
  e.by_number = {{1, {{0.5}, 2, true}}, {5, {}}};
  e.seen = {-1, 4};
  e.two = {6, "six"};
  e.three = {true, {3.5}, colour::blue};
  e.fixed = {"fixed", std::nullopt};
  e.took = std::chrono::milliseconds{12};
  return e;
}

std::map<std::string, fuzz::bytes> seeds() {
  fuzz::bytes flats;
  fuzz::bytes notes;
  encoder to_flats{flats};
  encoder to_notes{notes};
  for (std::int16_t i = 0; i < 3; ++i) {
    encode(to_flats, flat{7, {0.5}, {i, i, i, i}});
    encode(to_notes, note{"text", i == 1 ? std::optional<std::string>{"author"} : std::nullopt, {"tag"}});
  }
  return {{"empty", fuzz::seed(kind::one, encoded(everything{}))},
          {"full", fuzz::seed(kind::one, encoded(full()))},
          {"flats", fuzz::seed(kind::flats, flats)},
          {"notes", fuzz::seed(kind::notes, notes)}};
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  fuzz::write_seeds_if_asked(*argc, *argv, seeds);
  return 0;
}

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::span<const std::byte> input{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  switch (static_cast<kind>(data[0] % static_cast<int>(kind::kinds))) {
  case kind::one:
    read_one(input);
    break;
  case kind::flats:
    read_many<flat>(input);
    break;
  default:
    read_many<note>(input);
  }
  return 0;
}
