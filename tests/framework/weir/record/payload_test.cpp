#include <tests/support/catch.hpp>
#include <weir/record/payload.hpp>
#include <weir/record/record_type.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

namespace weir_payload_tests {

enum class colour { red, green };

struct inner {
  int number = 0;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(inner, (), (number, note))

struct base {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(base, (), (id))

struct outer : base {
  double weight = 0;
  bool open = false;
  colour shade = colour::red;
  std::vector<inner> parts;
  std::map<std::string, int> counts;
};
BOOST_DESCRIBE_STRUCT(outer, (base), (weight, open, shade, parts, counts))

struct own {
  int number;
};
std::string weir_payload(const own& o) { return "own #" + std::to_string(o.number); }
std::size_t weir_byte_size(const own&) noexcept { return 5000; }

struct secret {
  int number;
};

} // namespace weir_payload_tests

using namespace weir;
using namespace weir_payload_tests;

TEST_CASE("a string is its own text") {
  CHECK(payload_text(std::string("say \"hi\"")) == "say \"hi\"");
  CHECK(payload_text(std::string_view("x")) == "x");
  CHECK(payload_text("literal") == "literal");
}

TEST_CASE("numbers and truth values are JSON") {
  CHECK(payload_text(42) == "42");
  CHECK(payload_text(std::int64_t{-7}) == "-7");
  CHECK(payload_text(~std::uint64_t{0}) == "18446744073709551615");
  CHECK(payload_text(true) == "true");
  CHECK(payload_text(colour::green) == "1");
}

TEST_CASE("a described struct is a JSON object, with its base, nested structs and containers") {
  outer o;
  o.id = "a\n1";
  o.weight = 0.5;
  o.open = true;
  o.shade = colour::green;
  o.parts = {{1, "x"}, {2, std::nullopt}};
  o.counts = {{"k", 3}};
  CHECK(payload_text(o) ==
        R"({"id":"a\n1","weight":5E-1,"open":true,"shade":1,)"
        R"("parts":[{"number":1,"note":"x"},{"number":2,"note":null}],"counts":[["k",3]]})");
}

TEST_CASE("optionals are null or their value, pairs and containers are arrays") {
  CHECK(payload_text(std::optional<int>{}) == "null");
  CHECK(payload_text(std::optional<int>{5}) == "5");
  CHECK(payload_text(std::pair{1, std::string("b")}) == R"([1,"b"])");
  CHECK(payload_text(std::vector<std::string>{"a", "b"}) == R"(["a","b"])");
  CHECK(payload_text(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(payload_text(std::vector<int>{}) == "[]");
}

TEST_CASE("a type may bring its own text and its own size") {
  CHECK(payload_text(own{3}) == "own #3");
  CHECK(payload_text(std::vector<own>{{1}, {2}}) == R"(["own #1","own #2"])");
  CHECK(byte_size(own{3}) == 5000);
}

TEST_CASE("a type that nobody described says how to describe it") {
  CHECK(payload_text(secret{1}).find("BOOST_DESCRIBE_STRUCT") != std::string::npos);
}

TEST_CASE("a range whose elements are ranges of its own kind ends too") {
  CHECK(payload_text(std::filesystem::path("/a/b")) == R"("/a/b")");
}

TEST_CASE("the table of a type knows how to destroy, copy, measure and print its records") {
  const auto& t = record_type_of<std::string>();
  CHECK(t.size == sizeof(std::string));
  CHECK_FALSE(t.trivial);
  CHECK(t.copyable);
  const std::string text(100, 'x');
  CHECK(t.bytes(&text) == byte_size(text));
  CHECK(t.payload(&text) == text);
  alignas(std::string) std::byte place[sizeof(std::string)];
  t.copy(place, &text);
  CHECK(*reinterpret_cast<std::string*>(place) == text);
  t.destroy(place, 1);
  CHECK(record_type_of<int>().trivial);
  CHECK_FALSE(record_type_of<std::unique_ptr<int>>().copyable);
  CHECK(record_type_of<int>().name() == "int");
  CHECK(&record_type_of<int>() == &record_type_of<int>());
}
