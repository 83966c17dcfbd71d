#include <weir/base/result.hpp>

namespace weir {

std::string_view to_string(error_kind kind) noexcept {
  switch (kind) {
  case error_kind::transient:
    return "transient";
  case error_kind::permanent:
    return "permanent";
  case error_kind::exhausted:
    return "exhausted";
  }
  return "transient";
}

std::string error::message() const {
  std::string text = what;
  if (!where.empty())
    text += " (" + where + ")";
  if (!fix.empty())
    text += ": " + fix;
  return text;
}

error error_from(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const error& e) {
    return e;
  } catch (const std::exception& e) {
    return transient(e.what());
  } catch (...) {
    return transient("unknown exception");
  }
}

} // namespace weir
