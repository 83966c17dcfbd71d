#include <weir/workflow/tracing.hpp>

#include <tests/support/catch.hpp>

#include <string>

TEST_CASE("a traceparent is read as W3C Trace Context says") {
  const auto p = weir::parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  REQUIRE(p);
  CHECK(p->trace == weir::trace_id{0x0af7651916cd43ddULL, 0x8448eb211c80319cULL});
  CHECK(p->span == 0xb7ad6b7169203331ULL);
  CHECK(p->sampled);
  CHECK_FALSE(weir::parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
  // a later version may say more
  CHECK(weir::parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST_CASE("a malformed traceparent is nothing") {
  for (const char* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                           "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    INFO(text);
    CHECK_FALSE(weir::parse_traceparent(text));
  }
}
