// A stream whose pool has workers on other hosts. Here coordinator and hosts are in one process, so that the
// example checks itself; in life each is a process on a machine of its own, started with the cluster flags
// (weir/cluster/flags.hpp).

#include <weir/cluster/coordinator.hpp>
#include <weir/cluster/host.hpp>
#include <weir/workflow/stream.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include <boost/describe/class.hpp>

namespace {

struct question {
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(question, (), (number)) // what crosses to another host must be described

struct judged {
  std::uint64_t number = 0;
  bool prime = false;
  std::string words;
};
BOOST_DESCRIBE_STRUCT(judged, (), (number, prime, words))

struct questions {
  std::uint64_t next = 0;
  std::uint64_t end = 0;
  weir::poll_result poll(weir::emitter<question>& out, std::size_t demand) {
    for (; demand > 0 && next < end; --demand)
      out(question{next++});
    return next < end ? weir::poll_result::more() : weir::poll_result::end();
  }
};

judged judge(const question& q) {
  bool prime = q.number > 1;
  for (std::uint64_t d = 2; prime && d * d <= q.number; ++d)
    prime = q.number % d != 0;
  return {q.number, prime, std::to_string(q.number) + (prime ? " is prime" : " is not prime")};
}

weir::workflow primes(std::uint64_t count, std::set<std::uint64_t>& found) {
  weir::workflow flow{"primes"};
  flow.from("questions", questions{0, count})
      .map("judge", judge, {.workers = {2, 4}}) // a pool without state: it is spread over the hosts
      .to("primes", [&found](const judged& j) {
        if (j.prime)
          found.insert(j.number);
      });
  return flow;
}

} // namespace

int main() {
  constexpr std::uint64_t count = 50'000;
  std::set<std::uint64_t> found;

  // [coordinator]
  weir::workflow flow = primes(count, found);
  weir::engine engine;
  auto opened = weir::cluster::coordinator::open({.listen = "127.0.0.1:0", .min_hosts = 2}, flow);
  if (!opened)
    return std::fprintf(stderr, "error: %s\n", opened.error().message().c_str()), 2;
  weir::cluster::coordinator& hosts = **opened;
  weir::running job = hosts.start(engine, flow); // begins when two hosts have joined
  // [coordinator]

  // [host]
  std::set<std::uint64_t> nothing; // sources and sinks are not run here
  const weir::workflow same = primes(count, nothing);
  const std::string at = "127.0.0.1:" + std::to_string(hosts.port());
  const auto told = [](const weir::cluster::host_news& news) {
    std::fprintf(stderr, "%s\n", news.text.c_str());
  };
  auto one = weir::cluster::host::start({.join = {at}, .host_name = "one"}, same, told);
  auto two = weir::cluster::host::start({.join = {at}, .host_name = "two"}, same, told);
  // [host]
  if (!one || !two)
    return std::fprintf(stderr, "error: %s\n", (one ? two : one).error().message().c_str()), 2;

  const weir::run_result result = job.wait();
  hosts.close("all is judged");
  for (auto* host : {one->get(), two->get()}) {
    host->leave();
    if (!host->wait_for(std::chrono::seconds{60}) || host->failure())
      return 1;
  }
  std::printf("%zu primes below %llu\n", found.size(), static_cast<unsigned long long>(count));
  return result.status == weir::run_status::completed && found.size() == 5133 ? 0 : 1;
}
