#include <tests/support/catch.hpp>
#include <weir/runtime/scheduler/inbox.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

using weir::detail::inbox;

namespace {

struct parcel {
  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  std::shared_ptr<int> content = nullptr;
  parcel* next = nullptr;
};

std::unique_ptr<parcel> make(std::uint32_t sender, std::uint32_t number,
                             std::shared_ptr<int> content = nullptr) {
  return std::make_unique<parcel>(parcel{sender, number, std::move(content)});
}

} // namespace

TEST_CASE("parcels come out in the order in which they were pushed, also between pushes") {
  inbox<parcel> in;
  CHECK(in.empty());
  CHECK(in.pop() == nullptr);
  for (std::uint32_t n = 0; n < 3; ++n)
    CHECK(in.push(make(0, n)));
  CHECK_FALSE(in.empty());
  CHECK(in.pop()->number == 0);
  CHECK(in.push(make(0, 3)));
  for (std::uint32_t n = 1; n < 4; ++n)
    CHECK(in.pop()->number == n);
  CHECK(in.empty());
}

TEST_CASE("a closed inbox keeps nothing, whether it came before or after") {
  const auto content = std::make_shared<int>(1);
  inbox<parcel> in;
  in.push(make(0, 0, content));
  in.push(make(0, 1, content));
  in.pop();
  in.push(make(0, 2, content));
  CHECK(content.use_count() == 3);
  in.close();
  CHECK(content.use_count() == 1);
  CHECK_FALSE(in.push(make(0, 3, content)));
  CHECK(content.use_count() == 1);
  CHECK(in.empty());
}

TEST_CASE("of many senders nothing is lost, and each one's order is kept") {
  constexpr std::uint32_t senders = 4;
  constexpr std::uint32_t each = 20'000;
  inbox<parcel> in;
  std::vector<std::thread> threads;
  for (std::uint32_t s = 0; s < senders; ++s)
    threads.emplace_back([&in, s] {
      for (std::uint32_t n = 0; n < each; ++n)
        in.push(make(s, n));
    });
  std::vector<std::uint32_t> next(senders, 0);
  std::uint32_t got = 0;
  bool in_order = true;
  while (got < senders * each) {
    const auto p = in.pop();
    if (!p) {
      std::this_thread::yield();
      continue;
    }
    in_order &= p->number == next[p->sender]++;
    ++got;
  }
  for (auto& t : threads)
    t.join();
  CHECK(in_order);
  CHECK(in.empty());
}

TEST_CASE("what is pushed while the inbox closes is destroyed once") {
  for (int round = 0; round < 200; ++round) {
    const auto content = std::make_shared<int>(round);
    {
      inbox<parcel> in;
      std::thread sender{[&in, &content] {
        for (std::uint32_t n = 0; n < 50; ++n)
          in.push(make(0, n, content));
      }};
      in.pop();
      in.close();
      sender.join();
    }
    REQUIRE(content.use_count() == 1);
  }
}
