#include <weir/record/batch.hpp>

#include <weir/record/block_pool.hpp>

#include <cassert>

namespace weir {

namespace {
std::atomic<std::int64_t> live_batches{0};

constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }
} // namespace

std::int64_t batch::live() noexcept { return live_batches.load(std::memory_order_relaxed); }

batch* batch::make(const record_type& type, std::uint32_t capacity, std::shared_ptr<byte_budget> budget) {
  assert(capacity > 0 && type.alignment <= 64);
  const std::size_t header = round_up(sizeof(batch), 64);
  const std::size_t offsets_at = round_up(capacity * type.size, alignof(std::uint32_t));
  std::size_t bytes = header + offsets_at + capacity * sizeof(std::uint32_t);
  void* memory = block_pool::take(bytes); // may round bytes up
  auto* made = ::new (memory) batch{type, capacity};
  made->data_offset_ = static_cast<std::uint32_t>(header);
  made->offsets_at_ = offsets_at;
  made->block_bytes_ = bytes;
  made->budget_ = std::move(budget);
  live_batches.fetch_add(1, std::memory_order_relaxed);
  return made;
}

void batch::destroy(batch* b) noexcept {
  if (!b->type_->trivial)
    b->type_->destroy(b->data(), b->size_);
  if (b->budget_ && b->sealed_)
    b->budget_->release(b->bytes_);
  const std::size_t bytes = b->block_bytes_;
  b->~batch();
  block_pool::give(b, bytes);
  live_batches.fetch_sub(1, std::memory_order_relaxed);
}

void batch_builder::truncate(std::uint32_t size) noexcept {
  if (batch_ == nullptr || size >= batch_->size_)
    return;
  const auto& type = *batch_->type_;
  auto* first = batch_->data() + size * type.size;
  for (std::uint32_t i = size; i < batch_->size_; ++i)
    batch_->bytes_ -= type.trivial ? 0 : type.bytes(batch_->data() + i * type.size);
  if (!type.trivial)
    type.destroy(first, batch_->size_ - size);
  batch_->size_ = size;
  if (!batch_->ordinals_.empty())
    batch_->ordinals_.resize(size);
}

batch_ptr batch_builder::seal() {
  if (batch_->type_->trivial)
    batch_->bytes_ = batch_->size_ * batch_->type_->size;
  if (batch_->budget_)
    batch_->budget_->charge(batch_->bytes_);
  batch_->sealed_ = true;
  return batch_ptr{std::exchange(batch_, nullptr)};
}

} // namespace weir
