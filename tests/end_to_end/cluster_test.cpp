// Clusters of processes on this machine: what a user starts, and what becomes of it when hosts come and go.

#include <tests/end_to_end/support/small_cluster.hpp>
#include <tests/end_to_end/support/watched_run.hpp>
#include <tests/framework/weir/observe/support/test_client.hpp>
#include <tests/support/catch.hpp>

#include <csignal>
#include <string>

#include <boost/json/serialize.hpp>

using namespace weir::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// Results of all, each once, and as without a cluster.
void complete(small_cluster& c, std::size_t reviews) {
  const finished end = c.finish();
  INFO(end.err);
  REQUIRE(end.exit == 0);
  const auto summary = summary_of(end);
  CHECK(figure(summary, "records_in") == reviews);
  CHECK(figure(summary, "undelivered") == 0);
  CHECK(c.results() == c.expected());
}

void ends_well(process& host) {
  host.send_signal(SIGTERM);
  const finished end = host.wait();
  INFO(end.err);
  CHECK(end.exit == 0);
}

std::string metrics_at(std::uint16_t port) {
  return weir_tests::body_of(weir_tests::ask(port, "GET", "/metrics"));
}

/// In the middle of a run of so many.
const std::vector<std::string> slowly{"--cluster-min-hosts", "2", "--rate", "2000"};

} // namespace

TEST_CASE("two hosts share the work of a run, and its results are those of one process") {
  small_cluster c;
  c.start_coordinator(slowly);
  CHECK(in_time([&] { return !c.status().empty(); }));
  const auto early = weir_tests::ask(c.admin, "GET", "/ready");
  CHECK(weir_tests::status_of(early) == 503);
  CHECK_THAT(early, Contains("it begins when 2 hosts have joined: there are 0"));
  auto& one = c.start_host("one", {"--labels", "rack=a,disk=fast"});
  auto& two = c.start_host("two");
  CHECK(one.says("joined cluster 'weir' at " + c.address() + " as 'one'"));
  CHECK(two.says("joined cluster 'weir'"));
  REQUIRE(c.has_stored(500));
  CHECK(weir_tests::status_of(weir_tests::ask(c.admin, "GET", "/ready")) == 200);

  const auto seen = c.member("one");
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.at("state") == "up");
  CHECK(seen.at("labels").at("rack") == "a");
  CHECK(seen.at("links") == 1);
  CHECK(seen.at("workers").to_number<int>() > 0);
  for (const char* name : {"one", "two"}) // what there is to do is handed to whoever is free
    CHECK(eventually(c.coordinator(), [&] {
      const auto m = c.member(name);
      return m.empty() || m.at("bytes_received").to_number<double>() > 1'000;
    }));
  const auto figures = metrics_at(c.admin);
  CHECK_THAT(figures, Contains("weir_cluster_members{workflow=\"review-stream\",state=\"up\"} 2"));
  CHECK_THAT(figures, Contains("weir_remote_bytes_total{workflow=\"review-stream\",direction=\"sent\"}"));
  const finished shown =
      run_program(WEIR_BIN_DIR "/weir", {"cluster", "status", "http://127.0.0.1:" + std::to_string(c.admin)});
  CHECK(shown.exit == 0);
  CHECK_THAT(shown.out, Contains("cluster 'weir': 2 hosts") && Contains("disk=fast,host="));

  complete(c, 4000);
  CHECK(one.says("the run has ended: completed")); // and it waits for the next
  ends_well(one);
  ends_well(two);
}

TEST_CASE("a host that is killed in the middle costs nothing but its share of the work") {
  small_cluster c;
  c.start_coordinator(slowly);
  auto& one = c.start_host("one");
  auto& two = c.start_host("two");
  REQUIRE(c.has_stored(500));
  one.send_signal(SIGKILL);
  CHECK(c.becomes("one", ""));
  complete(c, 4000);
  ends_well(two);
}

TEST_CASE("a host that is stopped is given up, and what it says when it goes on is not heard") {
  small_cluster c{8000};
  c.start_coordinator({"--cluster-min-hosts", "2", "--rate", "1500"});
  auto& one = c.start_host("one");
  auto& two = c.start_host("two");
  REQUIRE(c.has_stored(300));
  one.send_signal(SIGSTOP);
  CHECK(c.becomes("one", ""));
  one.send_signal(SIGCONT);
  CHECK(one.says("its workers here are stopped"));
  CHECK(c.becomes("one", "up")); // a new life
  complete(c, 8000);
  ends_well(one);
  ends_well(two);
}

TEST_CASE("hosts may join and leave while a run goes on") {
  small_cluster c{8000};
  c.start_coordinator({"--rate", "1500"});
  REQUIRE(c.has_stored(100)); // without any
  auto& one = c.start_host("one");
  CHECK(eventually(one, [&] {
    const auto m = c.member("one");
    return !m.empty() && m.at("bytes_received").to_number<double>() > 10'000;
  }));
  ends_well(one); // it has left: its part is done
  CHECK(one.runs_for(0ms) == false);
  auto& two = c.start_host("two");
  CHECK(c.becomes("two", "up"));
  complete(c, 8000);
  ends_well(two);
}

TEST_CASE("a host of another cluster, or with another model, is told why it may not join, and so is the "
          "coordinator") {
  small_cluster c{100};
  auto& coordinator = c.start_coordinator({"--cluster-min-hosts", "1"});
  CHECK(in_time([&] { return !c.status().empty(); }));
  const finished other = c.start_host("one", {"--cluster-name", "prod"}).wait();
  CHECK(other.exit == 2);
  CHECK_THAT(other.err, Contains("error: the host wants to join cluster 'prod', this is cluster 'weir'") &&
                            Contains("--cluster-name"));
  CHECK(coordinator.says("the host wants to join cluster 'prod'"));

  const std::filesystem::path data{WEIR_SOURCE_DIR "/apps/review_stream/data"};
  c.folder().write("topics.toml", read_file(data / "topics.toml") + "\n# changed\n");
  const finished changed = c.start_host("two", {"--rules", "topics.toml"}).wait();
  CHECK(changed.exit == 2);
  CHECK_THAT(changed.err,
             Contains("error: the host was started with another workflow") &&
                 Contains("start the same program with the same workflow options on every host"));
  CHECK(coordinator.says("host 'two' was refused: the host was started with another workflow"));

  auto& right = c.start_host("three");
  complete(c, 100);
  ends_well(right);
}

TEST_CASE("a host outlives its coordinator and works for the next one") {
  small_cluster c;
  auto& first = c.start_coordinator({"--cluster-min-hosts", "1", "--rate", "1000"});
  auto& one =
      c.start_host("one", {"--cluster-join", "127.0.0.1:1," + c.address()}); // the first seed is nobody
  REQUIRE(c.has_stored(300));
  first.send_signal(SIGKILL);
  CHECK(one.says("lost the coordinator"));
  c.finish();
  c.start_coordinator({"--cluster-min-hosts", "1"});
  complete(c, 4000); // from the start, into the same database: each review once
  CHECK(one.says("the run has ended: completed"));
  ends_well(one);
}

TEST_CASE("a node that is placed on a label waits for a host that has it") {
  small_cluster c{300};
  c.start_coordinator({"--place", "analyze_sentiment=label:gpu=yes", "--per-host", "1"});
  CHECK(in_time([&] { return !c.status().empty(); }));
  auto& plain = c.start_host("plain");
  CHECK(c.becomes("plain", "up"));
  const auto waits = weir_tests::ask(c.admin, "GET", "/ready");
  CHECK(weir_tests::status_of(waits) == 503);
  CHECK_THAT(waits, Contains("node 'analyze_sentiment': it waits for a host with the label gpu=yes"));
  CHECK(becomes(c.admin, [](const auto& w) {
    return boost::json::serialize(w).find("analyze_sentiment: it waits for a host with the label gpu=yes") !=
           std::string::npos;
  }));
  CHECK(stored(c.folder() / "a.db") <= 0);
  auto& right = c.start_host("right", {"--labels", "gpu=yes"});
  complete(c, 300);
  ends_well(plain);
  ends_well(right);
}

TEST_CASE("flags of a cluster that make no sense are refused before anything is read") {
  const temporary_folder work;
  const auto refused = [&](const std::vector<std::string>& flags) {
    const finished end = run_reviews(work.path(), flags);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK_THAT(
      refused({"--cluster-listen", "127.0.0.1:0", "--place", "store=host:one"}),
      Contains("error: the node 'store' stays at the coordinator: it is a sink (--place store=host:one)"));
  CHECK_THAT(refused({"--cluster-listen", "127.0.0.1:0", "--place", "sentiment=spread"}),
             Contains("there is no node 'sentiment'") && Contains("analyze_sentiment, categorize_topic"));
  CHECK_THAT(refused({"--cluster-listen", "127.0.0.1:0", "--place", "nonsense"}),
             Contains("NODE=label:KEY=VALUE"));
  CHECK_THAT(refused({"--per-host", "2"}), Contains("give --cluster-listen HOST:PORT too"));
  CHECK_THAT(refused({"--cluster-listen", "0.0.0.0:0"}), Contains("--tls-ca") && Contains("--insecure"));
  CHECK_THAT(refused({"--cluster-listen", "127.0.0.1:0", "--workers", "1"}),
             Contains("no node of this workflow can run on other hosts"));
  const finished far = run_program(review_stream(), {"host", "--cluster-join", "10.1.2.3:4711"});
  CHECK(far.exit == 2);
  CHECK_THAT(far.err, Contains("joining without TLS"));
}

TEST_CASE("with certificates a cluster talks over TLS, and those of another CA stay outside") {
  small_cluster c{500};
  const finished made =
      run_program(WEIR_BIN_DIR "/weir",
                  {"cluster", "certs", "--dir", "certs", "--host", "coordinator,127.0.0.1", "--host", "one"},
                  {.folder = c.folder().path()});
  INFO(made.err);
  REQUIRE(made.exit == 0);
  const finished others =
      run_program(WEIR_BIN_DIR "/weir", {"cluster", "certs", "--dir", "others", "--host", "two"},
                  {.folder = c.folder().path()});
  REQUIRE(others.exit == 0);
  const auto with = [](const std::string& folder, const std::string& host, std::vector<std::string> flags) {
    for (const auto& [flag, file] :
         {std::pair{"--tls-ca", "ca.pem"}, std::pair{"--tls-cert", ".pem"}, std::pair{"--tls-key", ".key"}}) {
      flags.emplace_back(flag);
      flags.push_back(folder + "/" + (file[0] == '.' ? host : "") + file);
    }
    return flags;
  };
  for (const auto& entry : std::filesystem::directory_iterator{c.folder() / "certs"})
    UNSCOPED_INFO(entry.path().string());
  auto& coordinator = c.start_coordinator(with("certs", "coordinator", {"--cluster-min-hosts", "1"}));
  CHECK(in_time([&] { return !c.status().empty() || !coordinator.runs_for(0ms); }));
  auto& stranger = c.start_host("two", with("others", "two", {}));
  CHECK(stranger.says("not joined"));
  auto& plain = c.start_host("plain");
  CHECK(plain.says("not joined"));
  CHECK(c.member("two").empty());
  CHECK(c.member("plain").empty());
  auto& one = c.start_host("one", with("certs", "one", {}));
  CHECK(one.says("joined cluster"));
  coordinator.send_signal(SIGHUP);
  CHECK(coordinator.says("SIGHUP: coordinator.pem: read again"));
  complete(c, 500);
  ends_well(one);
  ends_well(stranger);
  ends_well(plain);
}
