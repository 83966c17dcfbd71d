#pragma once

// What the workload `codec` writes and reads: the record of all workloads, and one that is made of texts.

#include <bench/workloads/record.hpp>

#include <boost/describe/class.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace weir::bench {

inline bool operator==(const record& a, const record& b) noexcept {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// Like a customer review with what was found out about it: about 300 bytes as bytes.
struct rated_text {
  std::string id;
  std::string product;
  std::string title;
  std::string text;
  std::string language;
  std::int64_t written = 0; ///< seconds since 1970
  std::uint32_t helpful = 0;
  bool verified = false;
  std::optional<double> rating;
  std::vector<std::string> topics;
  friend bool operator==(const rated_text&, const rated_text&) = default;
};
BOOST_DESCRIBE_STRUCT(rated_text, (),
                      (id, product, title, text, language, written, helpful, verified, rating, topics))

inline record made_record(std::uint64_t i) noexcept {
  record r;
  make_record(i, r);
  return r;
}

inline rated_text made_text(std::uint64_t i) {
  static constexpr const char* topics[] = {"delivery", "price", "build quality", "battery life"};
  static constexpr const char* languages[] = {"en", "de", "es", "zh"};
  const std::uint64_t random = scatter(i);
  rated_text t;
  t.id = "review-" + std::to_string(100'000'000 + i);
  t.product = "product-" + std::to_string(random % 1'000);
  t.title = std::string(10 + random % 30, 't');
  t.text = std::string(60 + random / 64 % 240, static_cast<char>('a' + random % 26));
  t.language = languages[random / 16'384 % 4];
  t.written = static_cast<std::int64_t>(1'700'000'000 + i);
  t.helpful = static_cast<std::uint32_t>(random % 50);
  t.verified = random % 2 == 0;
  if (random % 5 != 0)
    t.rating = static_cast<double>(1 + random % 5);
  for (std::uint64_t n = random / 256 % 4; n > 0; --n)
    t.topics.emplace_back(topics[(random + n) % 4]);
  return t;
}

} // namespace weir::bench
