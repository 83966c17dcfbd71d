#include <weir/node/crash.hpp>

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

} // namespace weir
