#include <weir/cluster/flags.hpp>
#include <weir/cluster/options.hpp>
#include <weir/cluster/placement.hpp>
#include <weir/workflow/stream.hpp>

#include <tests/framework/weir/cluster/support/workers_world.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::cluster;
using namespace weir_tests;
using Catch::Matchers::Contains;

namespace {

struct local_only { // without a codec
  void* where = nullptr;
};
struct none {
  weir::poll_result poll(weir::emitter<local_only>&, std::size_t) { return weir::poll_result::end(); }
};

} // namespace

TEST_CASE("the flag --place says where the workers of a node are") {
  CHECK(parse_place("a=spread")->second == place{});
  CHECK(parse_place("a=host:h=1")->second == place{place::kind::host, "", "h=1"});
  const auto by_label = parse_place("resize=label:gpu=a100=yes");
  REQUIRE(by_label);
  CHECK(by_label->first == "resize");
  CHECK(by_label->second == place{place::kind::label, "gpu", "a100=yes"});
  CHECK(to_string(by_label->second) == "label:gpu=a100=yes");
  for (const char* wrong :
       {"", "a", "=spread", "a=", "a=host:", "a=label:gpu", "a=label:=x", "a=everywhere"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_place(wrong));
  }
  host_identity host;
  host.name = "worker-1";
  host.labels = {{"gpu", "yes"}, {"host", "machine"}};
  CHECK(takes(place{}, host));
  CHECK(takes({place::kind::label, "gpu", "yes"}, host));
  CHECK_FALSE(takes({place::kind::label, "gpu", "no"}, host));
  CHECK(takes({place::kind::host, "", "worker-1"}, host));
  CHECK(takes({place::kind::host, "", "machine"}, host)); // the machine that it is on
  CHECK_FALSE(takes({place::kind::host, "", "worker-2"}, host));
}

TEST_CASE("labels are KEY=VALUE, each once") {
  CHECK(parse_labels("")->empty());
  const auto two = parse_labels("gpu=yes,rack=");
  REQUIRE(two);
  CHECK(two->at("gpu") == "yes");
  CHECK(two->at("rack").empty());
  CHECK_FALSE(parse_labels("gpu"));
  CHECK_FALSE(parse_labels("a=1,a=2"));
  CHECK_FALSE(parse_labels("=1"));
}

TEST_CASE("what cannot be placed is said, with the reason") {
  const auto w = number_workflow();
  CHECK(mistakes_in(placement{}, w).empty());
  const auto wrong = mistakes_in({.nodes = {{"numbers", {}}, {"end", {}}, {"nobody", {}}}}, w);
  REQUIRE(wrong.size() == 3);
  CHECK_THAT(wrong[0].message(), Contains("the node 'end' stays at the coordinator: it is a sink"));
  CHECK_THAT(wrong[1].message(), Contains("there is no node 'nobody'") && Contains("twice, tens"));
  CHECK_THAT(wrong[2].message(), Contains("it is a source"));
}

TEST_CASE("records without a codec cannot be sent, which is said before the run") {
  weir::workflow w{"local"};
  w.from("none", none{})
      .map("pool", [](const local_only& l) { return l; }, {.workers = {2}})
      .to("end", [](const local_only&) {});
  const auto wrong = mistakes_in(placement{}, w);
  REQUIRE(wrong.size() == 2); // what comes in, and what goes out
  CHECK_THAT(wrong[0].message(), Contains("local_only cannot be sent to another host") &&
                                     Contains("node 'pool'") && Contains("BOOST_DESCRIBE_STRUCT"));
}

TEST_CASE("two processes have the same fingerprint where their workers do the same") {
  const auto base = fingerprint_of(number_workflow());
  CHECK(base == fingerprint_of(number_workflow()));
  CHECK(base != fingerprint_of(number_workflow(), "another model"));
  auto other = number_workflow();
  other.node(1).id = "thrice";
  CHECK(base != fingerprint_of(other));
  other = number_workflow();
  other.settings().limits.max_records = 7;
  CHECK(base != fingerprint_of(other));
  other = number_workflow();
  other.node(1).definition.options.timeout = std::chrono::seconds{5}; // the coordinator tells the host
  other.node(1).definition.options.workers = {9};
  CHECK(base == fingerprint_of(other));
}

TEST_CASE("options that contradict each other or open a door are mistakes") {
  CHECK(mistakes_in(cluster_options{}).empty());
  CHECK(mistakes_in({.listen = "127.0.0.1:0", .min_hosts = 2}).empty());
  CHECK(mistakes_in({.listen = "10.0.0.1:4711"}).size() == 1); // without TLS
  CHECK(mistakes_in({.listen = "10.0.0.1:4711", .insecure = true}).empty());
  CHECK(mistakes_in({.join = {"10.0.0.1:4711"}}).size() == 1);
  CHECK(mistakes_in({.join = {"127.0.0.1:4711", "localhost:1"}}).empty());
  CHECK(mistakes_in({.listen = "127.0.0.1:0", .join = {"127.0.0.1:1"}}).size() == 1);
  CHECK(mistakes_in({.join = {"nowhere"}}).size() == 1);
  CHECK(mistakes_in({.min_hosts = 1}).size() == 1);
  CHECK(mistakes_in({.name = "", .listen = "127.0.0.1:0"}).size() == 1);
}

TEST_CASE("a host is known by its machine and process unless it is named") {
  const auto unnamed = host_identity_of({}, 1);
  CHECK(unnamed.name != host_identity_of({.host_name = "mine"}, 1).name);
  CHECK(host_identity_of({.host_name = "mine"}, 1).name == "mine");
  CHECK(unnamed.name.starts_with(unnamed.labels.at("host") + "-"));
  CHECK(unnamed.capacity >= 1);
  CHECK(host_identity_of({.capacity = 5, .labels = {{"host", "said"}}}, 1).labels.at("host") == "said");
}
