#include <tests/support/catch.hpp>
#include <weir/observe/access_rules.hpp>

using namespace weir;

namespace {

access_request get(std::string_view host) { return {.method = "GET", .host = host}; }

unsigned verdict(const access_rules& rules, const access_request& request) {
  const auto denied = judge(rules, request);
  return denied ? denied->status : 200;
}

} // namespace

TEST_CASE("a listener on loopback may start without a token") {
  for (const char* host : {"127.0.0.1", "localhost", "::1", "127.9.9.9"})
    CHECK(may_listen({.host = host}));
}

TEST_CASE("a listener off loopback needs a token, and insecure while there is no TLS") {
  for (const char* host : {"0.0.0.0", "::", "192.168.1.4", "", "127.0.0.1.evil.example"}) {
    CHECK_FALSE(may_listen({.host = host}));
    CHECK_FALSE(may_listen({.host = host, .insecure = true}));
    CHECK_FALSE(may_listen({.host = host, .token = "abc"}));
    CHECK(may_listen({.host = host, .token = "abc", .insecure = true}));
  }
  const auto no_token = may_listen({.host = "0.0.0.0"});
  CHECK_THAT(no_token.error().message(), Catch::Contains("--admin-token-file"));
  const auto no_tls = may_listen({.host = "0.0.0.0", .token = "abc"});
  CHECK_THAT(no_tls.error().message(), Catch::Contains("--insecure"));
}

TEST_CASE("a token that no header can carry is refused at the start") {
  CHECK_FALSE(may_listen({.token = "with space"}));
  CHECK_FALSE(may_listen({.token = "line\n"}));
}

TEST_CASE("loopback is an address, not a prefix") {
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("LOCALHOST"));
  CHECK(is_loopback("::1"));
  for (const char* other : {"127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost", "128.0.0.1",
                            "0.0.0.0", "::", "::2", "", "2130706433", "0x7f.1"})
    CHECK_FALSE(is_loopback(other));
}

TEST_CASE("Host must be loopback, with any port") {
  for (const char* host : {"localhost", "localhost:7461", "LocalHost:1", "127.0.0.1", "127.0.0.1:80", "[::1]",
                           "[::1]:7461", "localhost."})
    CHECK(verdict({}, get(host)) == 200);
  for (const char* host :
       {"evil.example", "evil.example:7461", "127.0.0.1.evil.example", "[::2]", "10.0.0.1"})
    CHECK(verdict({}, get(host)) == 421);
  for (const char* host : {"", ":7461", "localhost:", "localhost:99999", "localhost:8o", "user@localhost",
                           "localhost/x", "[::1", "[::1]x"})
    CHECK(verdict({}, get(host)) == 400);
}

TEST_CASE("Host may be a name that was allowed") {
  const access_rules rules{.allowed_hosts = {"Weir.example", "fd00::1"}};
  CHECK(verdict(rules, get("weir.example:7461")) == 200);
  CHECK(verdict(rules, get("[fd00::1]:7461")) == 200);
  CHECK(verdict(rules, get("x.weir.example")) == 421);
}

TEST_CASE("a token that is set is demanded, but for what is open") {
  const access_rules rules{.token = "s3cret"};
  auto request = get("localhost");
  CHECK(verdict(rules, request) == 401);
  for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crets", "Bearer S3CRET",
                            "Basic s3cret", "s3cret", "Bearer s3crets3cret"}) {
    request.authorization = wrong;
    CHECK(verdict(rules, request) == 401);
  }
  for (const char* right : {"Bearer s3cret", "bearer s3cret", "Bearer  s3cret"}) {
    request.authorization = right;
    CHECK(verdict(rules, request) == 200);
  }
  request.authorization.reset();
  request.needs_token = false;
  CHECK(verdict(rules, request) == 200);
}

TEST_CASE("what changes something demands the same origin or none") {
  access_request post{.method = "POST", .host = "localhost:7461"};
  CHECK(verdict({}, post) == 200);
  for (const char* same : {"http://localhost:7461", "https://localhost:7461", "HTTP://LOCALHOST:7461"}) {
    post.origin = same;
    CHECK(verdict({}, post) == 200);
  }
  for (const char* other : {"http://localhost", "http://localhost:8080", "http://127.0.0.1:7461", "null", "",
                            "http://evil.example:7461", "http://evil.example/localhost:7461",
                            "http://user@localhost:7461", "file://localhost:7461"}) {
    post.origin = other;
    CHECK(verdict({}, post) == 403);
    auto reading = post;
    reading.method = "GET";
    CHECK(verdict({}, reading) == 200);
  }
  post.host = "localhost";
  post.origin = "http://localhost:80";
  CHECK(verdict({}, post) == 200);
}

TEST_CASE("tokens are equal when every byte is") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
  CHECK_FALSE(equal_in_constant_time("ab", "abab"));
  CHECK_FALSE(equal_in_constant_time("", "a"));
  CHECK_FALSE(equal_in_constant_time("a", ""));
}

TEST_CASE("an address to listen on is read") {
  const auto check = [](const char* text, const char* host, int port) {
    const auto read = parse_listen_address(text);
    REQUIRE(read);
    CHECK(read->host == host);
    CHECK(read->port == port);
  };
  check("127.0.0.1:7461", "127.0.0.1", 7461);
  check("[::1]:0", "::1", 0);
  check("7461", "127.0.0.1", 7461);
  for (const char* wrong : {"", "localhost", "localhost:", "localhost:65536", ":1", "a:b"})
    CHECK_FALSE(parse_listen_address(wrong));
}
