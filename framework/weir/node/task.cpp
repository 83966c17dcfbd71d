#include <weir/node/task.hpp>

namespace weir {

std::string_view to_string(failure_kind kind) noexcept {
  switch (kind) {
  case failure_kind::error:
    return "error";
  case failure_kind::timeout:
    return "timeout";
  case failure_kind::crash:
    return "crash";
  case failure_kind::invalid:
    return "invalid";
  case failure_kind::late:
    return "late";
  case failure_kind::overflow:
    return "overflow";
  }
  return "error";
}

namespace detail {

void task_scope::fail(std::uint32_t index, std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const output_overflow& e) {
    failures.push_back({index, failure_kind::overflow, permanent(e.what())});
    return;
  } catch (...) {
  }
  fail(index, error_from(thrown));
}

void task_scope::fail(std::uint32_t index, error why) {
  const auto kind = stop.stop_requested() ? failure_kind::timeout : failure_kind::error;
  failures.push_back({index, kind, std::move(why)});
}

} // namespace detail
} // namespace weir
