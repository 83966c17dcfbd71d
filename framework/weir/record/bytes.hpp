#pragma once

// Writing and reading encoded bytes, little-endian. The reader trusts nothing: it never reads past its input,
// and once something is wrong it stays failed. Single-threaded.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace weir {

static_assert(std::endian::native == std::endian::little, "encoded bytes are little-endian");

/// Appends to a vector of bytes.
class encoder {
 public:
  explicit encoder(std::vector<std::byte>& out) : out_(&out) {}

  void bytes(const void* from, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(from);
    out_->insert(out_->end(), first, first + size);
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void number(T value) {
    bytes(&value, sizeof value);
  }
  /// A count of elements or bytes. False when it exceeds 32 bits: then nothing is written and the encoding is
  /// void (see failed()).
  bool count(std::size_t n) {
    if (n > UINT32_MAX) {
      failed_ = true;
      return false;
    }
    number(static_cast<std::uint32_t>(n));
    return true;
  }
  bool failed() const noexcept { return failed_; }
  void fail() noexcept { failed_ = true; }

 private:
  std::vector<std::byte>* out_;
  bool failed_ = false;
};

/// Reads from bytes that must outlive it.
class decoder {
 public:
  explicit decoder(std::span<const std::byte> in) : rest_(in) {}

  std::size_t left() const noexcept { return rest_.size(); }
  bool failed() const noexcept { return failed_; }
  /// Always false, so that `return in.fail();` reads well.
  bool fail() noexcept {
    failed_ = true;
    rest_ = {};
    return false;
  }
  /// The next `size` bytes, or null when there are not as many.
  const std::byte* take(std::size_t size) noexcept {
    if (size > rest_.size()) {
      fail();
      return nullptr;
    }
    const auto* at = rest_.data();
    rest_ = rest_.subspan(size);
    return at;
  }
  bool bytes(void* to, std::size_t size) noexcept {
    const auto* from = take(size);
    if (failed_)
      return false;
    if (size > 0)
      std::memcpy(to, from, size);
    return true;
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  bool number(T& value) noexcept {
    return bytes(&value, sizeof value);
  }
  /// A count of elements of at least `least` bytes each: as many must still be there.
  bool count(std::size_t& n, std::size_t least) noexcept {
    std::uint32_t read = 0;
    if (!number(read))
      return false;
    if (least == 0 || read > left() / least)
      return fail();
    n = read;
    return true;
  }

 private:
  std::span<const std::byte> rest_;
  bool failed_ = false;
};

} // namespace weir
