#include <weir/node/task.hpp>

namespace weir {

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
  const auto kind = timed_out(index) ? failure_kind::timeout : failure_kind::error;
  failures.push_back({index, kind, std::move(why)});
}

} // namespace detail
} // namespace weir
