#include <weir/cluster/wire.hpp>
#include <weir/record/byte_stream.hpp>

#include <tests/support/catch.hpp>

#include <random>

using namespace weir::cluster;
using weir::detail::byte_reader;
using weir::detail::byte_writer;

namespace {

std::shared_ptr<const bytes> shared(bytes b) { return std::make_shared<const bytes>(std::move(b)); }

join some_join() {
  join j;
  j.cluster = {"shop", 0x1234'5678'9abc'def0};
  j.host.name = "host-1";
  j.host.boot = 99;
  j.host.capacity = 8;
  j.host.labels = {{"disk", "fast"}, {"zone", "a"}};
  j.host.version = "0.1.0";
  j.resume = membership_id{5, 6};
  return j;
}

template <class M>
M round_trip(const M& m) {
  auto d = decode(shared(encode(control_message{m})));
  REQUIRE(d);
  return std::get<M>(std::get<control_message>(*d));
}

} // namespace

TEST_CASE("control messages come back as they were") {
  const auto j = round_trip(some_join());
  CHECK(j.cluster == some_join().cluster);
  CHECK(j.host == some_join().host);
  CHECK(j.resume == membership_id{5, 6});
  CHECK(round_trip(welcome{{1, 2}, true}).resumed);
  const auto no = round_trip(refuse{weir::permanent("what", "where", "fix"), true});
  CHECK(no.why == weir::permanent("what", "where", "fix"));
  const auto beat = round_trip(heartbeat{{1, 2}, 3, 4, 5, 6});
  CHECK(beat.sequence == 3);
  CHECK(beat.echo == 4);
  CHECK(beat.echo_held == 5);
  CHECK(beat.busy == 6);
  CHECK(round_trip(leave{{1, 2}}).id == membership_id{1, 2});
  CHECK(round_trip(left{{1, 2}, "over"}).why == "over");
  CHECK(round_trip(fenced{{1, 2}}).id == membership_id{1, 2});
}

TEST_CASE("a frame comes back with its payload, which is not copied") {
  link_frame f;
  f.id = {1, 2};
  f.sequence = 3;
  f.acknowledged = 4;
  f.may_frames = 5;
  f.may_bytes = 6;
  f.last = true;
  f.of = shared(bytes(1000, std::byte{7}));
  f.offset = 10;
  f.size = 500;
  const auto wire = shared(encode(f));
  auto d = decode(wire);
  REQUIRE(d);
  const auto& g = std::get<link_frame>(*d);
  CHECK(g.id == f.id);
  CHECK(g.sequence == 3);
  CHECK(g.acknowledged == 4);
  CHECK(g.may_frames == 5);
  CHECK(g.may_bytes == 6);
  CHECK(g.last);
  REQUIRE(g.size == 500);
  CHECK(g.payload()[0] == std::byte{7});
  CHECK(g.of == wire);
}

TEST_CASE("another version is refused by name, and its refusal understood") {
  auto wire = encode(control_message{some_join()});
  wire[4] = std::byte{9};
  auto d = decode(shared(wire));
  REQUIRE(d);
  const auto& j = std::get<join>(std::get<control_message>(*d));
  const auto why = mismatch({"shop", 1}, j);
  REQUIRE(why);
  CHECK(why->what == "the host speaks version 9 of the cluster protocol, the coordinator version 2");

  auto no = encode(control_message{refuse{*why, true}});
  no[4] = std::byte{9};
  CHECK(decode(shared(no)));
  auto beat = encode(control_message{heartbeat{}});
  beat[4] = std::byte{9};
  CHECK_FALSE(decode(shared(beat)));
}

TEST_CASE("no bytes make the reader fail otherwise than by an error") {
  std::mt19937_64 random{1};
  const auto good = encode(control_message{some_join()});
  int accepted = 0;
  for (int n = 0; n < 20'000; ++n) {
    bytes b;
    if (n % 2 == 0) {
      b.resize(random() % 200);
      for (auto& x : b)
        x = static_cast<std::byte>(random());
    } else {
      b = good;
      for (auto k = 1 + random() % 3; k > 0; --k)
        b[random() % b.size()] = static_cast<std::byte>(random());
      if (random() % 4 == 0)
        b.resize(random() % b.size());
      if (b == good)
        continue;
    }
    accepted += decode(shared(b)) ? 1 : 0;
  }
  CHECK(accepted < 500); // what changes only the version is a join of that version
}

TEST_CASE("a text beyond its limit is cut by the writer, and refused by the reader") {
  join j;
  j.cluster.name = std::string(max_name + 50, 'x');
  const auto d = decode(shared(encode(control_message{j})));
  REQUIRE(d);
  CHECK(std::get<join>(std::get<control_message>(*d)).cluster.name.size() == max_name);

  byte_writer w;
  w.text(std::string(max_name + 1, 'x'), 1000);
  byte_reader r{w.out().data(), w.out().size()};
  CHECK(r.text(max_name).empty());
  CHECK_FALSE(r.ok());
}

TEST_CASE("a length beyond what is there is an error, and allocates nothing") {
  byte_writer w;
  w.number(std::uint32_t{0xffff'ffff});
  byte_reader r{w.out().data(), w.out().size()};
  CHECK(r.text(SIZE_MAX).empty());
  CHECK_FALSE(r.ok());
  CHECK(r.number<std::uint64_t>() == 0);
  CHECK_FALSE(decode(shared({})));
}
