#include <tests/support/catch.hpp>
#include <weir/node/resources.hpp>
#include <weir/resource/cache.hpp>
#include <weir/resource/connection_pool.hpp>

#include <memory>
#include <stdexcept>
#include <string>

using namespace weir;

TEST_CASE("a resource is found by its name and type") {
  resource_set set;
  set.add("model", std::make_shared<std::string>("weights"));
  CHECK(set.contains("model"));
  CHECK(set.get<std::string>("model") == "weights");
  set.add("model", std::make_shared<std::string>("newer"));
  CHECK(set.get<std::string>("model") == "newer");
}

TEST_CASE("resources that have figures show them by name, the others show nothing") {
  resource_set set;
  set.add("words", std::make_shared<std::string>("none"));
  set.add("pool", std::make_shared<connection_pool<int>>([] { return std::make_unique<int>(1); },
                                                         connection_pool_options{.size = 3}));
  set.add("cache", std::make_shared<cache<int, int>>());
  auto lent = set.get<connection_pool<int>>("pool").acquire();
  REQUIRE(lent);
  CHECK(set.get<cache<int, int>>("cache").get(7) == nullptr);
  const auto all = set.figures();
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "cache");
  CHECK(std::string{kind_of(all[0].figures)} == "cache");
  CHECK(std::get<cache_figures>(all[0].figures).misses == 1);
  CHECK(all[1].name == "pool");
  const auto& pool = std::get<connection_pool_figures>(all[1].figures);
  CHECK(pool.size == 3);
  CHECK(pool.in_use == 1);
  CHECK(pool.wait.count() == 1);
}

TEST_CASE("a resource that fails to say its figures is left out, and those of the others are said") {
  struct broken {
    cache_figures figures() const { throw std::runtime_error("not now"); }
  };
  resource_set set;
  set.add("broken", std::make_shared<broken>());
  set.add("cache", std::make_shared<cache<int, int>>());
  const auto all = set.figures();
  REQUIRE(all.size() == 1);
  CHECK(all[0].name == "cache");
}

TEST_CASE("a missing resource and one of another type are told by name") {
  resource_set set;
  set.add("model", std::make_shared<std::string>("weights"));
  CHECK_FALSE(set.contains("pool"));
  CHECK_THROWS_WITH(set.get<int>("pool"), Catch::Contains("no resource named 'pool'"));
  CHECK_THROWS_WITH(set.get<int>("model"), Catch::Contains("'model' is a") && Catch::Contains("not a int"));
}
