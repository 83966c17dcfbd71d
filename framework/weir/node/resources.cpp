#include <weir/node/resources.hpp>

#include <algorithm>
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

std::vector<named_resource_figures> resource_set::figures() const {
  std::vector<named_resource_figures> all;
  for (const auto& [name, e] : entries_)
    if (e.figures != nullptr)
      try {
        all.push_back({name, e.figures(e.value.get())});
      } catch (...) { // a resource of the author's own: who looks on must not end for it
      }
  std::ranges::sort(all, {}, &named_resource_figures::name);
  return all;
}

} // namespace weir
