#pragma once

// A record that could not be processed, with its cause; and where such records go.

#include <weir/base/result.hpp>
#include <weir/node/task.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace weir {

struct dead_letter {
  std::string id;
  std::string node;
  std::string workflow;
  std::string cause;
  failure_kind kind = failure_kind::error;
  std::uint32_t attempts = 1;
  std::chrono::system_clock::time_point first_seen{};
  std::chrono::system_clock::time_point last_seen{};
  std::string payload; ///< the record as it was
};

/// Where dead letters are kept. `write` is called by one node at a time, outside the scheduler's hot path,
/// and must have kept them when it returns success. A transient failure is tried again while the
/// node waits; any other stops the run (nothing may be lost), naming the cause.
class dead_letter_sink {
 public:
  virtual ~dead_letter_sink() = default;
  virtual result<> write(std::span<const dead_letter> letters) = 0;
};

/// Keeps the last `capacity` in memory: the default, and for tests. Thread-safe.
class dead_letter_memory final : public dead_letter_sink {
 public:
  explicit dead_letter_memory(std::size_t capacity = 10'000) : capacity_(capacity) {}
  result<> write(std::span<const dead_letter> letters) override;
  std::vector<dead_letter> letters() const;

 private:
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::vector<dead_letter> kept_;
};

/// Appends JSON Lines to a file, one object a dead letter with the fields above; synced to disk a write.
/// A payload that is not UTF-8 has its stray bytes replaced, and is there exactly as `payload_base64`.
/// The file is opened at the first dead letter. Thread-safe.
std::shared_ptr<dead_letter_sink> dead_letter_file(std::string path);

/// Writes to each of them, in order. When one fails and the write is repeated, those before it are not asked
/// again. Thread-safe.
std::shared_ptr<dead_letter_sink> dead_letters_to_all(std::vector<std::shared_ptr<dead_letter_sink>> sinks);

} // namespace weir
