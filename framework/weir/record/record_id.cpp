#include <weir/record/record_id.hpp>

#include <cstdio>

namespace weir {

std::string to_string(const record_id& id, const std::string& source_name) {
  std::string text = source_name + ":" + std::to_string(id.position);
  if (id.ordinal != 0) {
    char hex[20];
    std::snprintf(hex, sizeof hex, ".%llx", static_cast<unsigned long long>(id.ordinal));
    text += hex;
  }
  return text;
}

} // namespace weir
