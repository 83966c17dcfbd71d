#include <tests/support/catch.hpp>
#include <weir/base/result.hpp>

#include <memory>
#include <stdexcept>
#include <string>

using namespace weir;

TEST_CASE("an error's message says what, where and how to mend it, and leaves out what is empty") {
  CHECK(permanent("disk is full", "/data", "free some space").message() ==
        "disk is full (/data): free some space");
  CHECK(permanent("disk is full", "/data").message() == "disk is full (/data)");
  CHECK(permanent("disk is full", "", "free some space").message() == "disk is full: free some space");
  CHECK(permanent("disk is full").message() == "disk is full");
}

TEST_CASE("errors are made with the kind that their maker is named after") {
  CHECK(transient("x").kind == error_kind::transient);
  CHECK(permanent("x").kind == error_kind::permanent);
  CHECK(exhausted("x").kind == error_kind::exhausted);
  CHECK(error{}.kind == error_kind::transient);
  CHECK(to_string(error_kind::transient) == "transient");
  CHECK(to_string(error_kind::permanent) == "permanent");
  CHECK(to_string(error_kind::exhausted) == "exhausted");
}

TEST_CASE("a result holds either its value or its error") {
  result<std::string> good{"text"};
  CHECK(good);
  CHECK(good.has_value());
  CHECK(*good == "text");
  CHECK(good->size() == 4);
  CHECK(std::move(good).value_or("other") == "text");

  const result<std::string> bad = permanent("no text");
  CHECK_FALSE(bad);
  CHECK(bad.error() == permanent("no text"));
  CHECK(result<std::string>{permanent("no text")}.value_or("other") == "other");
}

TEST_CASE("a result of nothing is success or an error") {
  const result<> good;
  CHECK(good);
  const result<> bad = exhausted("full");
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().kind == error_kind::exhausted);
  result<> moved = transient("later", "here", "wait");
  CHECK(std::move(moved).error().message() == "later (here): wait");
}

TEST_CASE("a result carries values that can only be moved") {
  result<std::unique_ptr<int>> made{std::make_unique<int>(7)};
  REQUIRE(made);
  const std::unique_ptr<int> taken = *std::move(made);
  CHECK(*taken == 7);
}

TEST_CASE("a caught exception becomes a transient error with its text") {
  const auto caught = [](auto thrown) {
    try {
      throw thrown;
    } catch (...) {
      return error_from(std::current_exception());
    }
  };
  CHECK(caught(std::runtime_error("connection reset")) == transient("connection reset"));
  CHECK(caught(42) == transient("unknown exception"));
}

TEST_CASE("a thrown weir::error keeps its kind and words") {
  try {
    throw permanent("bad row", "line 17", "mend it");
  } catch (...) {
    CHECK(error_from(std::current_exception()) == permanent("bad row", "line 17", "mend it"));
  }
}
