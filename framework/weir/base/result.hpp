#pragma once

// Errors as values.
//
// `error` is what a failed call, record or task carries: words for people, a kind for supervision.
// `result<T>` is a `T` or an `error`; `result<>` (void) is success or an `error`.
// House rule: expected failures are results, exceptions come only from user code and constructors.
// Thread-safety: plain values.

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace weir {

/// What supervision does with a failure.
enum class error_kind {
  transient, ///< may work next time: retried by the node's retry policy (what a thrown exception means)
  permanent, ///< will never work: no retry, the record becomes a dead letter
  exhausted, ///< a resource the run cannot go on without is used up (disk full): sources stop, nothing is
             ///< lost
};

/// The kind's name as it appears in logs: "transient", "permanent", "exhausted".
std::string_view to_string(error_kind kind) noexcept;

/// A failure in words. `what` says what went wrong, `where` the file, line, field or node, `fix` what to do.
struct error {
  std::string what;
  std::string where;
  std::string fix;
  error_kind kind = error_kind::transient;

  /// "WHAT (WHERE): FIX", leaving out what is empty: the line printed after "error: ".
  std::string message() const;
  friend bool operator==(const error&, const error&) = default;
};

/// A failure that no retry can mend.
inline error permanent(std::string what, std::string where = {}, std::string fix = {}) {
  return {std::move(what), std::move(where), std::move(fix), error_kind::permanent};
}
/// A failure that may go away by itself.
inline error transient(std::string what, std::string where = {}, std::string fix = {}) {
  return {std::move(what), std::move(where), std::move(fix), error_kind::transient};
}
/// A resource is used up (disk full); the run must stop its sources.
inline error exhausted(std::string what, std::string where = {}, std::string fix = {}) {
  return {std::move(what), std::move(where), std::move(fix), error_kind::exhausted};
}

/// The error that a caught exception means: a thrown weir::error itself; else its text, transient; text
/// "unknown exception" for foreign types.
error error_from(std::exception_ptr thrown);

/// A `T` or the `error` that kept us from having one.
template <class T = void>
class [[nodiscard]] result {
 public:
  using value_type = T;
  result(T value) : x_(std::in_place_index<0>, std::move(value)) {}
  result(weir::error why) : x_(std::in_place_index<1>, std::move(why)) {}

  explicit operator bool() const noexcept { return x_.index() == 0; }
  bool has_value() const noexcept { return x_.index() == 0; }

  /// The value; undefined unless has_value().
  T& operator*() & { return *std::get_if<0>(&x_); }
  const T& operator*() const& { return *std::get_if<0>(&x_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&x_)); }
  T* operator->() { return std::get_if<0>(&x_); }
  const T* operator->() const { return std::get_if<0>(&x_); }

  /// Why there is no value; undefined if has_value().
  const weir::error& error() const& { return *std::get_if<1>(&x_); }
  weir::error&& error() && { return std::move(*std::get_if<1>(&x_)); }

  T value_or(T other) && { return has_value() ? std::move(**this) : std::move(other); }

 private:
  std::variant<T, weir::error> x_;
};

/// Success, or the `error`.
template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;
  result() = default;
  result(weir::error why) : x_(std::move(why)) {}

  explicit operator bool() const noexcept { return !x_; }
  bool has_value() const noexcept { return !x_; }
  const weir::error& error() const& { return *x_; }
  weir::error&& error() && { return *std::move(x_); }

 private:
  std::optional<weir::error> x_;
};

} // namespace weir
