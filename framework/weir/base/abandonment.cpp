#include <weir/base/abandonment.hpp>

namespace weir {

namespace {

/// Into the innermost scope of the thread. A plain pointer: nothing to destroy when the thread ends.
thread_local const std::shared_ptr<abandonment>* innermost = nullptr;

} // namespace

abandonment::registration abandonment::on_abandon(std::function<void()> call) {
  return registration{std::make_unique<registration::callback>(source_.get_token(), std::move(call))};
}

std::shared_ptr<abandonment> abandonment::current() noexcept {
  return innermost == nullptr ? nullptr : *innermost;
}

abandonment::scope::scope(std::shared_ptr<abandonment> of) noexcept : of_(std::move(of)), before_(innermost) {
  innermost = &of_;
}

abandonment::scope::~scope() { innermost = before_; }

} // namespace weir
