#pragma once

// What nodes share besides records: connection pools, models, caches; put into the workflow by name, taken
// from the context by name. Filled before the run, read-only during it (the resources themselves must be
// thread-safe).

#include <weir/resource/figures.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

namespace weir {

class resource_set {
 public:
  template <class T>
  void add(std::string name, std::shared_ptr<T> value) {
    entry e{typeid(T), value, nullptr};
    if constexpr (requires(const T& t) {
                    { t.figures() } -> std::convertible_to<resource_figures>;
                  })
      e.figures = [](const void* of) -> resource_figures { return static_cast<const T*>(of)->figures(); };
    entries_.insert_or_assign(std::move(name), std::move(e));
  }
  /// Throws std::runtime_error that names the resource when it is missing or of another type.
  template <class T>
  T& get(std::string_view name) const {
    return *static_cast<T*>(find(name, typeid(T)));
  }
  /// Of those that have some (see weir/resource/figures.hpp), by name; one that throws is left out.
  std::vector<named_resource_figures> figures() const;
  bool contains(std::string_view name) const { return entries_.contains(std::string{name}); }

 private:
  struct entry {
    std::type_index type;
    std::shared_ptr<void> value;
    resource_figures (*figures)(const void*); ///< null: it shows none
  };
  void* find(std::string_view name, std::type_index type) const;
  std::unordered_map<std::string, entry> entries_;
};

} // namespace weir
