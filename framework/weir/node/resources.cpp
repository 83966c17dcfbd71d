#include <weir/node/resources.hpp>

#include <stdexcept>

#include <boost/core/demangle.hpp>

namespace weir {

void* resource_set::find(std::string_view name, std::type_index type) const {
  const auto found = entries_.find(std::string{name});
  if (found == entries_.end())
    throw std::runtime_error("no resource named '" + std::string{name} + "': add it to the workflow");
  if (found->second.type != type)
    throw std::runtime_error("resource '" + std::string{name} + "' is a " +
                             boost::core::demangle(found->second.type.name()) + ", not a " +
                             boost::core::demangle(type.name()));
  return found->second.value.get();
}

} // namespace weir
