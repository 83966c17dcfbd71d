#include <tests/support/catch.hpp>
#include <weir/observe/redact.hpp>

using namespace weir;

TEST_CASE("passwords in URIs do not show") {
  CHECK(redact_uri("postgres://weir:hunter2@db:5432/x") == "postgres://weir:***@db:5432/x");
  CHECK(redact_uri("redis://:hunter2@h/s") == "redis://:***@h/s");
  CHECK(redact_uri("a://u:p@w@h/x") == "a://u:***@h/x");
  CHECK(redact_uri("a://u:p/w@h/x") == "a://u:***@h/x");
  CHECK(redact_uri("from a://u:one@h to b://v:two@h:1/p") == "from a://u:***@h to b://v:***@h:1/p");
  CHECK(redact_uri("http://h/x?user=u&password=p&b=1") == "http://h/x?user=u&password=***&b=1");
  CHECK(redact_uri("http://h/x?Token=p#f") == "http://h/x?Token=***#f");
}

TEST_CASE("what is no password stays") {
  for (const char* text :
       {"", "plain words: a@b", "http://h:80/x", "http://h:80/@user", "postgres://weir@db/x",
        "http://h/x?a=1&tokens=2", "file:a.jsonl", "://", "a://", "a://:", "a://b?password"})
    CHECK(redact_uri(text) == text);
}
