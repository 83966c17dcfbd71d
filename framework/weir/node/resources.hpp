#pragma once

// What nodes share besides records: connection pools, models, caches; put into the workflow by name, taken
// from the context by name. Filled before the run, read-only during it (the resources themselves must be
// thread-safe).

#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>

namespace weir {

class resource_set {
 public:
  template <class T>
  void add(std::string name, std::shared_ptr<T> value) {
    entries_.insert_or_assign(std::move(name), entry{typeid(T), std::move(value)});
  }
  /// Throws std::runtime_error that names the resource when it is missing or of another type.
  template <class T>
  T& get(std::string_view name) const {
    return *static_cast<T*>(find(name, typeid(T)));
  }
  bool contains(std::string_view name) const { return entries_.contains(std::string{name}); }

 private:
  struct entry {
    std::type_index type;
    std::shared_ptr<void> value;
  };
  void* find(std::string_view name, std::type_index type) const;
  std::unordered_map<std::string, entry> entries_;
};

} // namespace weir
