#pragma once

// An immutable string that many records share: as large as two pointers, copied by counting.
// Thread-safety: copies may live on any thread.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::actors {

class shared_text {
 public:
  shared_text() = default;
  explicit shared_text(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}

  std::string_view view() const noexcept { return text_ ? std::string_view{*text_} : std::string_view{}; }
  operator std::string_view() const noexcept { return view(); }
  friend bool operator==(const shared_text& a, const shared_text& b) noexcept { return a.view() == b.view(); }

 private:
  std::shared_ptr<const std::string> text_;
};

} // namespace weir::actors
