#pragma once

// An open file that closes itself, and the words for what the operating system answers.
// Thread-safety: plain values, one thread at a time.

#include <weir/base/result.hpp>

#include <string>
#include <utility>

namespace weir::actors {

class file_descriptor {
 public:
  file_descriptor() = default;
  /// Takes over `number`, which is closed with this object.
  explicit file_descriptor(int number) : number_(number), owned_(true) {}
  /// Uses `number` without ever closing it: standard input and output.
  static file_descriptor borrowed(int number) {
    file_descriptor d{number};
    d.owned_ = false;
    return d;
  }
  file_descriptor(file_descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), owned_(std::exchange(other.owned_, false)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~file_descriptor();

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_ = -1;
  bool owned_ = false;
};

/// "WHAT: Permission denied" for an errno. No space left and quota exceeded are `exhausted`, the rest has
/// `kind`.
error system_error(std::string what, int code, std::string where, std::string fix,
                   error_kind kind = error_kind::permanent);

/// Whether an errno means that there is no room left: ENOSPC, EDQUOT, EFBIG.
bool is_disk_full(int code) noexcept;

} // namespace weir::actors
