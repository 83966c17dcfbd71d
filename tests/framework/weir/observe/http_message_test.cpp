#include <tests/support/catch.hpp>
#include <weir/observe/http_message.hpp>
#include <weir/observe/http_routes.hpp>

using namespace weir;

TEST_CASE("percent signs are decoded, or the text is refused") {
  CHECK(percent_decode("a%20b%2Fc+d") == "a b/c+d");
  CHECK(percent_decode("a+b", true) == "a b");
  for (const char* wrong : {"%", "%4", "%zz", "%-1", "a%"})
    CHECK_FALSE(percent_decode(wrong));
}

TEST_CASE("query values and headers are found by name") {
  http_request request;
  request.query = "after=12&x=a%26b&&flag&=none";
  request.headers = {{"Last-Event-ID", "7"}};
  CHECK(request.query_value("after") == "12");
  CHECK(request.query_value("x") == "a&b");
  CHECK(request.query_value("flag") == "");
  CHECK_FALSE(request.query_value("af"));
  CHECK(request.header("last-event-id") == "7");
  CHECK(request.header("last").empty());
}

TEST_CASE("an event of several lines stays one event") {
  CHECK(server_sent_event("7", "log", "{\n}\n") == "id: 7\nevent: log\ndata: {\ndata: }\n\n");
  CHECK(server_sent_event("", "", "x") == "data: x\n\n");
}

TEST_CASE("an error quotes no control characters") {
  CHECK(error_response(404, "no \"such\"\r\nX: y").body == "{\"error\":\"no \\\"such\\\"??X: y\"}\n");
}

TEST_CASE("routes: the path decides, then the method") {
  http_routes routes;
  const http_handler nothing = [](const http_request&) { return http_response{}; };
  routes.add("GET", "/", nothing, http_access::open);
  routes.add("GET", "/nodes/{id}/tap", nothing, http_access::token);
  routes.add("POST", "/drain", nothing, http_access::token);
  CHECK(routes.find("GET", "/").handler);
  CHECK(routes.find("HEAD", "/").handler);
  CHECK(routes.find("GET", "/").access == http_access::open);
  const auto tap = routes.find("GET", "/nodes/a%20b/tap");
  REQUIRE(tap.handler);
  CHECK(tap.parameters.at(0) == std::pair<std::string, std::string>{"id", "a b"});
  for (const char* other :
       {"/nodes//tap", "/nodes/a", "/nodes/a/tap/", "/nodes/%/tap", "//", "/drain/", "/x"})
    CHECK(routes.find("GET", other).allow.empty());
  const auto wrong = routes.find("GET", "/drain");
  CHECK_FALSE(wrong.handler);
  CHECK(wrong.allow == std::vector<std::string>{"POST"});
  CHECK(routes.known().size() == 3);
}
