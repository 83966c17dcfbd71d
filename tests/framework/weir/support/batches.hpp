#pragma once

// Batches for tests, made without a source.

#include <weir/record/batch.hpp>

#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace weir_tests {

/// A sealed batch of these records, at positions `first`, first + 1, …
template <class T>
weir::batch_ptr batch_of(std::vector<T> records, std::uint32_t source = 0, std::uint64_t first = 0,
                         std::shared_ptr<weir::byte_budget> budget = nullptr) {
  weir::batch_builder builder{
      weir::record_type_of<T>(), static_cast<std::uint32_t>(records.size()), source, first, {},
      std::move(budget)};
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    ::new (builder.slot()) T(std::move(records[i]));
    if (!std::is_trivially_copyable_v<T>)
      builder.add_bytes(weir::byte_size(*static_cast<T*>(builder.slot())));
    builder.commit(i);
  }
  return builder.seal();
}

/// 0, 1, … n-1 at positions `first`, first + 1, …
inline weir::batch_ptr numbers(int n, std::uint32_t source = 0, std::uint64_t first = 0) {
  std::vector<int> all;
  for (int i = 0; i < n; ++i)
    all.push_back(static_cast<int>(first) + i);
  return batch_of(std::move(all), source, first);
}

/// The records of batches, in order.
template <class T>
std::vector<T> values(const std::vector<weir::batch_ptr>& batches) {
  std::vector<T> all;
  for (const auto& b : batches)
    for (std::uint32_t i = 0; i < b->size(); ++i)
      all.push_back(b->as<T>()[i]);
  return all;
}

inline std::vector<weir::record_id> ids(const std::vector<weir::batch_ptr>& batches) {
  std::vector<weir::record_id> all;
  for (const auto& b : batches)
    for (std::uint32_t i = 0; i < b->size(); ++i)
      all.push_back(b->id(i));
  return all;
}

} // namespace weir_tests
