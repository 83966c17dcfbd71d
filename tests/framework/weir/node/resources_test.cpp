#include <tests/support/catch.hpp>
#include <weir/node/resources.hpp>

#include <memory>
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

TEST_CASE("a missing resource and one of another type are told by name") {
  resource_set set;
  set.add("model", std::make_shared<std::string>("weights"));
  CHECK_FALSE(set.contains("pool"));
  CHECK_THROWS_WITH(set.get<int>("pool"), Catch::Contains("no resource named 'pool'"));
  CHECK_THROWS_WITH(set.get<int>("model"), Catch::Contains("'model' is a") && Catch::Contains("not a int"));
}
