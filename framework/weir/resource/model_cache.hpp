#pragma once

// Models (or anything that is large, costly to load and only read), loaded once and shared by all.
//
//     weir::model_cache<sentiment> models{[](const std::string& name) { return load_sentiment(name); }};
//
//     auto model = models.get("sentiment-en.model", context.stop());
//     if (!model)
//       return model.error();
//     (*model)->score(text);
//
//     models.reload("sentiment-en.model"); // later, from any thread, while others go on with the old one
//
// Invariants:
//  1. A name is loaded by one caller at a time; who asks first meanwhile waits for it, and for nothing else.
//  2. A model that was loaded is served until a newer one has been loaded: a reload makes nobody wait, and
//  one that fails changes nothing.
//  3. Who holds a model keeps it until it lets go; two are in memory for as long as the old one is held.
//  4. A failed load is not remembered: who asks next tries again.
//  5. When the worker that loads is abandoned (weir/base/abandonment.hpp), one of those who wait, or the next
//  who asks, loads instead; what the late worker still loads is answered to itself alone.
// Thread-safe. The loader runs, and models are destroyed, outside the lock. Loads may outlive the cache.

#include <weir/base/result.hpp>
#include <weir/resource/figures.hpp>
#include <weir/resource/joint_work.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir {

template <class Model>
class model_cache {
 public:
  using pointer = std::shared_ptr<const Model>;
  /// Makes the model of a name or path. May throw. Called from several threads, at once for different names;
  /// must not ask the cache for the name it loads (a permanent error).
  using loader = std::function<result<Model>(const std::string& name)>;

  explicit model_cache(loader load) : state_(std::make_shared<state>(std::move(load))) {}
  model_cache(const model_cache&) = delete;
  model_cache& operator=(const model_cache&) = delete;

  /// The newest model of that name, which is loaded on first use. The loader's error; or a transient one when
  /// `stop` was requested, or this worker abandoned, while another caller loaded it.
  result<pointer> get(const std::string& name, std::stop_token stop = {});

  /// Loads the model again and then serves the new one. On an error the old one stays. A load of that name
  /// that is under way is waited for first: what is served afterwards was loaded after this call.
  result<> reload(const std::string& name, std::stop_token stop = {});

  /// Reloads all that are loaded, one after the other. The error names those that failed; they stay the old
  /// ones, the others are new.
  result<> reload_all(std::stop_token stop = {});

  /// 0: not loaded. 1: as it was loaded first. One more with each reload that succeeded.
  std::uint64_t version(const std::string& name) const {
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->models.find(name);
    return found == state_->models.end() ? 0 : found->second.version;
  }

  model_cache_figures figures() const {
    const std::lock_guard lock{state_->mutex};
    model_cache_figures now = state_->counted;
    now.models = state_->models.size();
    return now;
  }

 private:
  using joint = detail::joint_work<std::string, pointer>;

  struct loaded {
    pointer model;
    std::uint64_t version = 0;
  };

  struct state {
    explicit state(loader l) : load(std::move(l)), under_way(mutex) {}
    result<pointer> lead(const std::string& name, const typename joint::handle& work);

    const loader load;
    mutable std::mutex mutex; ///< guards all below
    std::unordered_map<std::string, loaded> models;
    joint under_way;
    model_cache_figures counted;
  };

  std::shared_ptr<state> state_;
};

template <class Model>
auto model_cache<Model>::state::lead(const std::string& name, const typename joint::handle& work)
    -> result<pointer> {
  pointer old; // destroyed when the lock is free
  const auto make = [&]() -> result<pointer> {
    auto made = load(name);
    if (!made)
      return std::move(made).error();
    return pointer{std::make_shared<const Model>(*std::move(made))};
  };
  return under_way.lead(name, work, make, [&](const result<pointer>& made, bool) {
    ++(made ? counted.loads : counted.failed);
    if (!made)
      return;
    loaded& now = models[name];
    old = std::exchange(now.model, *made);
    ++now.version;
  });
}

template <class Model>
auto model_cache<Model>::get(const std::string& name, std::stop_token stop) -> result<pointer> {
  const std::shared_ptr<state> s = state_;  // the cache may end before the load
  for (bool first = true;; first = false) { // again when the worker that was waited for was abandoned
    typename joint::handle work;
    bool mine = false;
    {
      const std::lock_guard lock{s->mutex};
      if (const auto found = s->models.find(name); found != s->models.end()) {
        s->counted.hits += first ? 1 : 0;
        return found->second.model;
      }
      work = s->under_way.find(name);
      mine = !work;
      if (mine)
        work = s->under_way.begin(name);
      else
        s->counted.waited += first ? 1 : 0;
    }
    if (mine)
      return s->lead(name, work);
    if (auto over = s->under_way.wait(*work, stop); !over)
      return std::move(over).error();
    if (work->outcome)
      return *work->outcome;
  }
}

template <class Model>
result<> model_cache<Model>::reload(const std::string& name, std::stop_token stop) {
  const std::shared_ptr<state> s = state_;
  for (;;) {
    typename joint::handle work;
    bool mine = false;
    {
      const std::lock_guard lock{s->mutex};
      work = s->under_way.find(name);
      mine = !work;
      if (mine)
        work = s->under_way.begin(name);
    }
    if (mine) {
      auto made = s->lead(name, work);
      return made ? result<>{} : std::move(made).error();
    }
    if (auto over = s->under_way.wait(*work, stop); !over)
      return over;
  }
}

template <class Model>
result<> model_cache<Model>::reload_all(std::stop_token stop) {
  std::vector<std::string> names;
  {
    const std::lock_guard lock{state_->mutex};
    for (const auto& [name, model] : state_->models)
      names.push_back(name);
  }
  std::string failures;
  std::size_t failed = 0;
  for (const auto& name : names)
    if (const auto done = reload(name, stop); !done)
      failures += (failed++ == 0 ? "" : "; ") + name + ": " + done.error().message();
  if (failed == 0)
    return {};
  return transient(std::to_string(failed) + " of " + std::to_string(names.size()) +
                       " models could not be reloaded and stay as they were",
                   std::move(failures));
}

} // namespace weir
