#include <tests/support/catch.hpp>
#include <weir/record/batch_codec.hpp>
#include <weir/record/codec.hpp>
#include <weir/record/positional.hpp>

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using namespace weir;

namespace {

enum class colour : std::uint8_t { red, green, blue };

struct place {
  double x = 0;
  std::int32_t floor = 0;
  bool inside = false;
  friend bool operator==(const place&, const place&) = default;
};
BOOST_DESCRIBE_STRUCT(place, (), (x, floor, inside))

struct flat {
  std::uint64_t key = 0;
  double value = 0;
  char text[8] = {};
  friend bool operator==(const flat&, const flat&) = default;
};
BOOST_DESCRIBE_STRUCT(flat, (), (key, value, text))

struct rich {
  std::string name;
  std::vector<std::string> tags;
  std::vector<std::uint16_t> numbers;
  std::vector<bool> bits;
  std::deque<place> places;
  std::map<std::string, std::vector<flat>> by_name;
  std::unordered_map<std::uint32_t, place> by_number;
  std::set<std::int64_t> seen;
  std::pair<std::int8_t, std::string> two;
  std::tuple<bool, float, colour> three;
  std::optional<place> maybe;
  std::variant<std::monostate, std::int64_t, std::string, place> any;
  std::array<std::optional<std::string>, 2> fixed;
  std::chrono::milliseconds took{0};
  std::chrono::sys_time<std::chrono::seconds> at{};
  friend bool operator==(const rich&, const rich&) = default;
};
BOOST_DESCRIBE_STRUCT(rich, (),
                      (name, tags, numbers, bits, places, by_name, by_number, seen, two, three, maybe, any,
                       fixed, took, at))

struct tree {
  std::vector<tree> below;
};
BOOST_DESCRIBE_STRUCT(tree, (), (below))
struct pointing {
  const char* text = nullptr;
};
BOOST_DESCRIBE_STRUCT(pointing, (), (text))
struct undescribed {
  std::int32_t a = 0;
  std::string b;
};
struct renamed {
  std::uint64_t other = 0;
  double value = 0;
  char text[8] = {};
};
BOOST_DESCRIBE_STRUCT(renamed, (), (other, value, text))

class random_values {
 public:
  explicit random_values(std::uint32_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string text() {
    std::string made;
    for (auto n = below(40); n > 0; --n)
      made.push_back(static_cast<char>(below(256)));
    return made;
  }
  place a_place() {
    return {static_cast<double>(below(1'000'000)) / 7, static_cast<std::int32_t>(random_()), below(2) == 1};
  }
  flat a_flat() {
    flat made{random_(), static_cast<double>(below(1000)), {}};
    for (auto& c : made.text)
      c = static_cast<char>(below(256));
    return made;
  }
  rich a_rich() {
    rich made;
    made.name = text();
    for (auto n = below(5); n > 0; --n)
      made.tags.push_back(text());
    for (auto n = below(50); n > 0; --n)
      made.numbers.push_back(static_cast<std::uint16_t>(random_()));
    for (auto n = below(20); n > 0; --n)
      made.bits.push_back(below(2) == 1);
    for (auto n = below(4); n > 0; --n)
      made.places.push_back(a_place());
    for (auto n = below(4); n > 0; --n)
      made.by_name[text()] = {a_flat(), a_flat()};
    for (auto n = below(4); n > 0; --n)
      made.by_number[static_cast<std::uint32_t>(random_())] = a_place();
    for (auto n = below(4); n > 0; --n)
      made.seen.insert(static_cast<std::int64_t>(random_()));
    made.two = {static_cast<std::int8_t>(below(256)), text()};
    made.three = {below(2) == 1, static_cast<float>(below(99)), static_cast<colour>(below(3))};
    if (below(2) == 1)
      made.maybe = a_place();
    switch (below(4)) {
    case 1:
      made.any = static_cast<std::int64_t>(random_());
      break;
    case 2:
      made.any = text();
      break;
    case 3:
      made.any = a_place();
      break;
    default:
      break;
    }
    if (below(2) == 1)
      made.fixed[1] = text();
    made.took = std::chrono::milliseconds{static_cast<std::int64_t>(below(1'000'000))};
    made.at = std::chrono::sys_time<std::chrono::seconds>{std::chrono::seconds{below(1'000'000'000)}};
    return made;
  }

 private:
  std::mt19937_64 random_;
};

template <class T>
batch_ptr batch_with(const std::vector<T>& records, std::uint32_t step = 1, std::uint64_t ordinal = 0) {
  batch_builder b{record_type_of<T>(),
                  static_cast<std::uint32_t>(records.size()),
                  7,
                  1'000,
                  time_point{std::chrono::seconds{5}},
                  nullptr};
  std::uint32_t i = 0;
  for (const auto& r : records) {
    ::new (b.slot()) T(r);
    if constexpr (!std::is_trivially_copyable_v<T>)
      b.add_bytes(byte_size(r));
    b.commit(i * step, ordinal == 0 ? 0 : ordinal + i);
    ++i;
  }
  return b.seal();
}

std::vector<std::byte> encoded(const batch& b, std::uint32_t begin, std::uint32_t end) {
  std::vector<std::byte> out;
  REQUIRE(encode_batch(b, begin, end, out));
  return out;
}

/// A copy in a block of exactly its size, so that a sanitizer sees a read past its end.
result<batch_ptr> decode_exactly(const std::vector<std::byte>& bytes, std::size_t size,
                                 const record_type& type) {
  const auto exact = std::make_unique<std::byte[]>(size);
  std::copy_n(bytes.begin(), size, exact.get());
  return decode_batch({exact.get(), size}, type);
}

} // namespace

template <>
struct weir::codec<undescribed> : weir::positional_codec<undescribed> {};

static_assert(encodable<rich> && encodable<std::string> && encodable<undescribed>);
static_assert(!encodable<tree> && !encodable<pointing> && !encodable<std::string_view>);
static_assert(!encodable<std::unique_ptr<int>> && !encodable<std::vector<std::monostate>> &&
              !encodable<long double>);
static_assert(detail::is_block<flat>() && !detail::is_block<place>());

TEST_CASE("any record comes out as it went in") {
  random_values random{1};
  for (int i = 0; i < 500; ++i) {
    const auto made = random.a_rich();
    std::vector<std::byte> bytes;
    encoder out{bytes};
    encode(out, made);
    CHECK(bytes.size() >= detail::min_size<rich>());
    decoder in{bytes};
    rich read;
    REQUIRE(decode(in, read));
    CHECK(in.left() == 0);
    REQUIRE(read == made);
  }
}

TEST_CASE("a batch keeps who its records are") {
  random_values random{2};
  std::vector<rich> records;
  for (int i = 0; i < 20; ++i)
    records.push_back(random.a_rich());
  const auto step = GENERATE(1U, 3U);
  const auto ordinal = GENERATE(std::uint64_t{0}, std::uint64_t{99});
  const auto b = batch_with(records, step, ordinal);
  const auto slice = GENERATE(std::pair{0U, 20U}, std::pair{5U, 11U});
  const auto bytes = encoded(*b, slice.first, slice.second);
  const auto read = decode_batch(bytes, b->type());
  REQUIRE(read);
  REQUIRE((*read)->size() == slice.second - slice.first);
  CHECK((*read)->origin() == b->origin());
  for (std::uint32_t i = 0; i < (*read)->size(); ++i) {
    CHECK((*read)->id(i) == b->id(slice.first + i));
    CHECK((*read)->as<rich>()[i] == records[slice.first + i]);
  }
  CHECK((*read)->bytes() > 0);
}

TEST_CASE("records without padding are copied as they lie") {
  random_values random{3};
  std::vector<flat> records;
  for (int i = 0; i < 100; ++i)
    records.push_back(random.a_flat());
  const auto b = batch_with(records);
  const auto bytes = encoded(*b, 0, 100);
  CHECK(bytes.size() == 25 + 100 * sizeof(flat));
  const auto read = decode_batch(bytes, b->type());
  REQUIRE(read);
  CHECK(std::equal(records.begin(), records.end(), (*read)->as<flat>()));
  CHECK((*read)->bytes() == 100 * sizeof(flat));
}

TEST_CASE("cut or changed bytes are refused or read as something else, and nothing leaks") {
  random_values random{4};
  const auto live = batch::live();
  {
    const auto rich_batch =
        batch_with(std::vector<rich>{random.a_rich(), random.a_rich(), random.a_rich()}, 2, 5);
    const auto flat_batch = batch_with(std::vector<flat>{random.a_flat(), random.a_flat()});
    for (const auto& b : {rich_batch, flat_batch}) {
      const auto whole = encoded(*b, 0, b->size());
      for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(decode_exactly(whole, size, b->type()));
      for (int i = 0; i < 3'000; ++i) {
        auto changed = whole;
        for (auto n = 1 + random.below(3); n > 0; --n)
          changed[random.below(changed.size())] ^= static_cast<std::byte>(1U << random.below(8));
        if (const auto read = decode_exactly(changed, changed.size(), b->type()))
          CHECK((*read)->size() <= changed.size() / b->type().codec->min_size);
      }
      for (int i = 0; i < 3'000; ++i) {
        std::vector<std::byte> noise(random.below(200));
        for (auto& byte : noise)
          byte = static_cast<std::byte>(random.below(random.below(2) == 1 ? 256 : 3));
        if (const auto read = decode_exactly(noise, noise.size(), b->type()))
          CHECK((*read)->size() <= noise.size() / b->type().codec->min_size);
      }
    }
  }
  CHECK(batch::live() == live);
}

TEST_CASE("a count that the rest of the input cannot hold takes no memory") {
  std::vector<std::byte> bytes;
  encoder out{bytes};
  out.number(std::uint32_t{0xffffffff});
  decoder in{bytes};
  std::vector<std::uint64_t> read;
  CHECK_FALSE(decode(in, read));
  CHECK(read.capacity() == 0);
  CHECK(in.failed());
}

TEST_CASE("the fingerprint tells types apart by their structure and the names of their members") {
  const auto print = [](const auto* of) {
    return codec_of<std::remove_cvref_t<decltype(*of)>>()->fingerprint();
  };
  const flat* f = nullptr;
  const renamed* r = nullptr;
  const place* p = nullptr;
  CHECK(print(f) == print(f));
  CHECK(print(f) != print(r));
  CHECK(print(f) != print(p));
  CHECK(structure_of<place>() == "{x:f64;floor:i32;inside:bool;}");
  CHECK(structure_of<flat>() == "{key@0:u64;value@8:f64;text@16:[i8;8];}");
}

TEST_CASE("a struct may be encoded by position") {
  std::vector<std::byte> bytes;
  encoder out{bytes};
  encode(out, undescribed{4, "four"});
  decoder in{bytes};
  undescribed read;
  REQUIRE(decode(in, read));
  CHECK(read.a == 4);
  CHECK(read.b == "four");
  CHECK(structure_of<undescribed>() == "by position (i32,list i8,)");
}

TEST_CASE("a type without codec says so") {
  CHECK(record_type_of<pointing>().codec == nullptr);
  const auto b = batch_with(std::vector<pointing>{{"x"}});
  std::vector<std::byte> out;
  const auto done = encode_batch(*b, 0, 1, out);
  REQUIRE_FALSE(done);
  CHECK(done.error().what.find("no codec") != std::string::npos);
  CHECK(out.empty());
}
