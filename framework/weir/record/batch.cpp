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

void batch::make_sparse(std::uint32_t n) noexcept {
  auto* to = offsets();
  for (std::uint32_t i = 0; i < n; ++i)
    to[i] = i;
  dense_ = false;
}

void batch_builder::commit_run(std::uint32_t first_offset, std::uint32_t n) noexcept {
  if (batch_->dense_ && first_offset == batch_->size_) {
    batch_->size_ += n;
    return;
  }
  for (std::uint32_t i = 0; i < n; ++i)
    commit(first_offset + i);
}

void batch_builder::commit_from(const batch& from, const std::uint32_t* index, std::uint32_t n,
                                std::uint32_t shift) {
  if (n == 0)
    return;
  if (from.has_ordinals() || batch_->has_ordinals()) {
    for (std::uint32_t i = 0; i < n; ++i)
      commit(from.offset(index[i]) + shift, from.ordinal(index[i]));
    return;
  }
  const auto have = batch_->size_;
  // Rising indices: the first and the last say whether any between is missing.
  if (batch_->dense_ && from.dense_ && index[0] + shift == have && index[n - 1] - index[0] == n - 1) {
    batch_->size_ += n;
    return;
  }
  if (batch_->dense_)
    batch_->make_sparse(have);
  auto* to = batch_->offsets() + have;
  for (std::uint32_t i = 0; i < n; ++i)
    to[i] = from.offset(index[i]) + shift;
  batch_->size_ += n;
}

void batch_builder::commit_places(const std::uint32_t* places, std::uint32_t n, std::uint32_t base) noexcept {
  if (n == 0)
    return;
  const auto have = batch_->size_;
  if (batch_->dense_ && base + places[0] == have && places[n - 1] - places[0] == n - 1) {
    batch_->size_ += n; // rising: none between is missing
    return;
  }
  if (batch_->dense_)
    batch_->make_sparse(have);
  auto* to = batch_->offsets() + have;
  for (std::uint32_t i = 0; i < n; ++i)
    to[i] = base + places[i];
  batch_->size_ += n;
}

void batch_editor::shrink(std::uint32_t n) noexcept {
  const std::size_t before = batch_.bytes_;
  batch_.size_ = n;
  if (!batch_.ordinals_.empty())
    batch_.ordinals_.resize(n);
  batch_.bytes_ = n * batch_.type_->size;
  if (batch_.budget_)
    batch_.budget_->release(before - batch_.bytes_);
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
