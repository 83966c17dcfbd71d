#pragma once

// Little-endian numbers and bounded texts, written to and read from bytes. A reader that met something wrong
// is not ok() and answers zeros from then on: it is asked once, at the end. Single-threaded.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

class byte_writer {
 public:
  explicit byte_writer(std::size_t expected = 128) { out_.reserve(expected); }
  template <class N>
  void number(N value) {
    static_assert(std::is_unsigned_v<N>);
    for (std::size_t i = 0; i < sizeof(N); ++i)
      out_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  void flag(bool value) { number<std::uint8_t>(value ? 1 : 0); }
  /// Cut at `most` bytes.
  void text(std::string_view value, std::size_t most) {
    value = value.substr(0, most);
    number(static_cast<std::uint32_t>(value.size()));
    raw(reinterpret_cast<const std::byte*>(value.data()), value.size());
  }
  void raw(const std::byte* data, std::size_t size) { out_.insert(out_.end(), data, data + size); }
  std::vector<std::byte>& out() noexcept { return out_; }
  std::vector<std::byte> take() noexcept { return std::move(out_); }

 private:
  std::vector<std::byte> out_;
};

class byte_reader {
 public:
  byte_reader(const std::byte* data, std::size_t size) noexcept : at_(data), left_(size) {}
  template <class N>
  N number() noexcept {
    static_assert(std::is_unsigned_v<N>);
    if (left_ < sizeof(N)) {
      fail();
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(N); ++i)
      value |= std::to_integer<std::uint64_t>(at_[i]) << (8 * i);
    at_ += sizeof(N);
    left_ -= sizeof(N);
    return static_cast<N>(value);
  }
  bool flag() noexcept {
    const auto n = number<std::uint8_t>();
    if (n > 1)
      fail();
    return n == 1;
  }
  /// Longer than `most` is an error.
  std::string text(std::size_t most) {
    const std::size_t size = number<std::uint32_t>();
    if (size > most || size > left_) {
      fail();
      return {};
    }
    std::string value(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    left_ -= size;
    return value;
  }
  /// A number of things that follow: more than `most` is an error.
  std::size_t count(std::size_t most) noexcept {
    const std::size_t n = number<std::uint32_t>();
    if (n > most) {
      fail();
      return 0;
    }
    return n;
  }
  /// As many bytes, or it fails.
  void skip(std::size_t n) noexcept {
    if (n > left_)
      return fail();
    at_ += n;
    left_ -= n;
  }
  void fail() noexcept {
    ok_ = false;
    left_ = 0;
  }
  const std::byte* at() const noexcept { return at_; }
  std::size_t left() const noexcept { return left_; }
  bool ok() const noexcept { return ok_; }
  /// All was read, and nothing was wrong.
  bool done() const noexcept { return ok_ && left_ == 0; }

 private:
  const std::byte* at_;
  std::size_t left_;
  bool ok_ = true;
};

} // namespace weir::detail
