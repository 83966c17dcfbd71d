#include <tests/framework/weir/cluster/support/test_host.hpp>

#include <caf/io/all.hpp>

#include <cstdint>
#include <stdexcept>

namespace weir_tests {

using namespace weir::cluster;

namespace {

/// Generous: nobody waits for it unless something is broken.
constexpr std::chrono::seconds hang_guard{60};

class echo : public caf::event_based_actor {
 public:
  explicit echo(caf::actor_config& config) : event_based_actor(config) {}
  caf::behavior make_behavior() override {
    return {[](int number) { return number + 1; },
            [](const std::string& text) { return static_cast<std::uint64_t>(text.size()); }};
  }
};

} // namespace

test_host::config::config() {
  config_file_path = "";
  load_transport(*this);
  set("scheduler.max-threads", std::size_t{2});
}

test_host::test_host(transport_options options) : system_(std::make_unique<caf::actor_system>(config_)) {
  options.on_refusal = [this](const weir::error& why) {
    const std::scoped_lock lock{mutex_};
    refusals_.push_back(why.message());
  };
  auto started = transport::start(*system_, std::move(options));
  if (!started)
    throw std::runtime_error(started.error().message());
  transport_ = std::move(*started);
}

test_host::~test_host() {
  transport_.reset();
  for (const caf::actor& actor : published_)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  published_.clear();
}

std::uint16_t test_host::publish_echo(std::uint16_t wanted) {
  published_.push_back(system_->spawn<echo>());
  auto port = transport_->publish(published_.back(), wanted);
  if (!port)
    throw std::runtime_error(port.error().message());
  return *port;
}

weir::result<> test_host::ask_echo(const std::string& host, std::uint16_t port) {
  auto far = transport_->remote_actor(host, port);
  if (!far)
    return far.error();
  if (!answers(*far))
    return weir::transient("no answer");
  return {};
}

bool test_host::answers(const caf::actor& echo, int number) {
  caf::scoped_actor self{*system_};
  bool right = false;
  self->request(echo, hang_guard, number)
      .receive([&](int next) { right = next == number + 1; }, [](const caf::error&) {});
  return right;
}

std::vector<std::string> test_host::refusals() const {
  const std::scoped_lock lock{mutex_};
  return refusals_;
}

} // namespace weir_tests
