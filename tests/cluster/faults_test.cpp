// Three hosts and a coordinator on a network of their own, and one fault in each run.

#include <tests/cluster/support/delay_proxy.hpp>
#include <tests/cluster/support/namespaces.hpp>
#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/end_to_end/support/small_cluster.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/process.hpp>
#include <tests/support/temporary_folder.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t port = 4711;

/// WEIR_CLUSTER_REVIEWS=300000 makes these runs, and their faults, as long as they are meant to be.
const char* const given_reviews = std::getenv("WEIR_CLUSTER_REVIEWS");
std::size_t reviews() { return given_reviews != nullptr ? std::strtoul(given_reviews, nullptr, 10) : 3000; }
/// The time of a fault beyond the moment at which everybody has noticed it.
void fault_lasts(std::chrono::seconds so_long) {
  if (given_reviews != nullptr)
    std::this_thread::sleep_for(so_long);
}

/// What all runs here have in common: made once.
struct input {
  temporary_folder folder;
  std::string expected;
  input() {
    const finished made =
        run_program(review_stream(), {"generate", "--count", std::to_string(reviews()), "--seed", "11"});
    REQUIRE(made.exit == 0);
    folder.write("in.jsonl", made.out);
    expected = results_alone(folder);
    const finished certs =
        run_program(WEIR_BIN_DIR "/weir",
                    {"cluster", "certs", "--dir", "certs", "--host",
                     "coordinator," + namespaces::address(0) + ",10.77.0.1", "--host", "worker"},
                    {.folder = folder.path()});
    INFO(certs.err);
    REQUIRE(certs.exit == 0);
  }
};

input& shared() {
  static input one;
  return one;
}

/// Machine 0 is the coordinator's, 1 to 4 are for hosts.
class world {
 public:
  /// `least`: the run takes about that long at least.
  explicit world(std::chrono::seconds least = 6s) : net(5) {
    rate_ = std::max<std::size_t>(1, reviews() / static_cast<std::size_t>(least.count()));
    std::filesystem::remove(shared().folder / "a.db");
    std::filesystem::remove(shared().folder / "a.db-wal");
    std::filesystem::remove(shared().folder / "a.db-shm");
  }
  process& start_coordinator(std::size_t min_hosts = 3, bool slowly = true) {
    std::vector<std::string> flags{"run",
                                   "--input",
                                   "in.jsonl",
                                   "--output",
                                   "a.db",
                                   "--cache",
                                   "off",
                                   "--summary",
                                   "json",
                                   "--admin",
                                   "127.0.0.1:7461",
                                   "--cluster-listen",
                                   namespaces::address(0) + ":" + std::to_string(port),
                                   "--cluster-min-hosts",
                                   std::to_string(min_hosts)};
    if (slowly)
      flags.insert(flags.end(), {"--rate", std::to_string(rate_)});
    add_tls(flags, "coordinator");
    coordinator = start(0, flags);
    return *coordinator;
  }
  process& start_host(std::size_t machine, const std::string& join = namespaces::address(0)) {
    std::vector<std::string> flags{"host",        "--cluster-join", join + ":" + std::to_string(port),
                                   "--host-name", name(machine),    "--cache",
                                   "off"};
    add_tls(flags, "worker");
    hosts.resize(std::max(hosts.size(), machine + 1));
    hosts[machine] = start(machine, flags);
    return *hosts[machine];
  }
  void start_hosts(const std::string& join = namespaces::address(0)) {
    for (std::size_t m = 1; m <= 3; ++m)
      start_host(m, join);
  }
  /// A coordinator and three hosts, in the middle of their work.
  void begin(double share) {
    start_coordinator();
    start_hosts();
    REQUIRE(has_stored(share));
  }
  static std::string name(std::size_t machine) { return "host-" + std::to_string(machine); }

  bool has_stored(double share) {
    const auto there = [&] {
      return static_cast<double>(stored(shared().folder / "a.db")) >= share * static_cast<double>(reviews());
    };
    for (std::size_t patience = 0; patience <= reviews() / 50'000; ++patience) // of a minute each
      if (eventually(*coordinator, there))
        return true;
    return false;
  }
  boost::json::object member(std::size_t machine) const {
    const finished said =
        run_program("/usr/sbin/ip", net.on(0, WEIR_BIN_DIR "/weir", {"cluster", "status", "--json"}));
    boost::json::error_code failed;
    const auto all = boost::json::parse(said.out, failed);
    if (!failed && all.is_object())
      for (const auto& m : all.at("members").as_array())
        if (m.at("name").as_string() == name(machine))
          return m.as_object();
    return {};
  }
  bool is(std::size_t machine, std::string_view state) {
    return eventually(*coordinator, [&] {
      const auto m = member(machine);
      return m.empty() ? state.empty()
                       : m.at("state").as_string() == boost::json::string_view{state.data(), state.size()};
    });
  }
  /// The run comes to its end by itself, and what it stored is what one process stores.
  void complete() {
    const finished end = coordinator->wait(std::chrono::seconds{60 + reviews() / 500});
    INFO(end.err);
    REQUIRE(end.exit == 0);
    CHECK(figure(summary_of(end), "records_in") == reviews());
    CHECK(figure(summary_of(end), "undelivered") == 0);
    const bool equal = tables_of(shared().folder / "a.db") == shared().expected; // not to be printed
    CHECK(equal);
  }
  void hosts_end_well() {
    for (const auto& h : hosts)
      if (h && h->runs_for(0ms)) {
        h->send_signal(SIGTERM);
        const finished end = h->wait();
        INFO(end.err);
        CHECK(end.exit == 0);
      }
  }

  namespaces net;
  std::unique_ptr<process> coordinator;
  std::vector<std::unique_ptr<process>> hosts;

 private:
  static void add_tls(std::vector<std::string>& flags, const std::string& who) {
    flags.insert(flags.end(), {"--tls-ca", "certs/ca.pem", "--tls-cert", "certs/" + who + ".pem", "--tls-key",
                               "certs/" + who + ".key"});
  }
  std::unique_ptr<process> start(std::size_t machine, const std::vector<std::string>& flags) {
    return std::make_unique<process>("/usr/sbin/ip", net.on(machine, review_stream().string(), flags),
                                     process_options{.folder = shared().folder.path()});
  }
  std::size_t rate_;
};

} // namespace

TEST_CASE("cluster: nothing is lost or doubled when a host is killed") {
  if (!namespaces_are_there())
    return;
  world w;
  w.begin(0.3);
  w.hosts[2]->send_signal(SIGKILL);
  CHECK(w.is(2, ""));
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: nothing is lost or doubled when a host stands still for 20 s") {
  if (!namespaces_are_there())
    return;
  world w{given_reviews != nullptr ? 40s : 15s};
  w.begin(0.1);
  w.hosts[2]->send_signal(SIGSTOP);
  CHECK(w.is(2, ""));
  fault_lasts(20s);
  w.hosts[2]->send_signal(SIGCONT);
  CHECK(w.is(2, "up"));
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: nothing is lost or doubled when a host hears nothing for 10 s but is heard") {
  if (!namespaces_are_there())
    return;
  world w{given_reviews != nullptr ? 30s : 15s};
  w.begin(0.1);
  w.net.drop_incoming(2, 100);
  CHECK(w.hosts[2]->says("lost the coordinator"));
  CHECK(w.is(2, ""));
  fault_lasts(10s);
  w.net.heal(2);
  CHECK(w.is(2, "up"));
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: nothing is lost or doubled when the coordinator hears nothing for 10 s") {
  if (!namespaces_are_there())
    return;
  world w{given_reviews != nullptr ? 30s : 15s};
  w.begin(0.1);
  w.net.drop_incoming(0, 100);
  for (std::size_t m = 1; m <= 3; ++m)
    CHECK(w.hosts[m]->says("lost the coordinator"));
  fault_lasts(10s);
  w.net.heal(0);
  for (std::size_t m = 1; m <= 3; ++m)
    CHECK(w.is(m, "up"));
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: 100 ms of delay and 2 % of loss cost time only") {
  if (!namespaces_are_there())
    return;
  world w{10s};
  const delay_proxy far{w.net.hub(), "10.77.0.1", namespaces::address(0), port, 100ms};
  w.start_coordinator();
  for (std::size_t m = 1; m <= 3; ++m)
    w.net.drop_incoming(m, 2);
  w.start_hosts("10.77.0.1");
  REQUIRE(w.has_stored(0.5));
  for (std::size_t m = 1; m <= 3; ++m) {
    const auto seen = w.member(m);
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.at("incarnation").to_number<int>() <= 3); // none was lost meanwhile
    CHECK(seen.at("round_trip_ms").to_number<double>() >= 190);
    CHECK(seen.at("bytes_received").to_number<double>() > 0);
  }
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: a host that is added in the middle has its share") {
  if (!namespaces_are_there())
    return;
  world w{10s};
  w.begin(0.2);
  const auto began = std::chrono::steady_clock::now();
  w.start_host(4);
  CHECK(eventually(*w.coordinator, [&] {
    const auto m = w.member(4);
    return !m.empty() && m.at("bytes_received").to_number<double>() > 0;
  }));
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  CHECK(w.hosts[4]->runs_for(0ms));
  UNSCOPED_INFO("used after " << took << " s");
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: a host that is drained leaves with 0 and nothing undone") {
  if (!namespaces_are_there())
    return;
  world w;
  w.begin(0.3);
  w.hosts[2]->send_signal(SIGTERM);
  const finished end = w.hosts[2]->wait();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(end.err.find("left cluster 'weir': all it had is done") != std::string::npos);
  CHECK(w.member(2).empty());
  w.hosts[2].reset();
  w.complete();
  w.hosts_end_well();
}

TEST_CASE("cluster: hosts outlive the coordinator, and a run from the start stores each review once") {
  if (!namespaces_are_there())
    return;
  world w;
  w.begin(0.3);
  w.coordinator->send_signal(SIGKILL);
  w.coordinator->wait();
  for (std::size_t m = 1; m <= 3; ++m)
    CHECK(w.hosts[m]->says("lost the coordinator"));
  w.start_coordinator(3, false);
  w.complete();
  w.hosts_end_well();
}
