#include <weir/cluster/transport/gate.hpp>

#include <weir/cluster/transport/basp_check.hpp>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/basp/version.hpp>
#include <caf/io/doorman.hpp>
#include <caf/io/network/acceptor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/io/scribe.hpp>
#include <caf/policy/tcp.hpp>

#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

namespace weir::cluster {

static_assert(basp_check::header_bytes == caf::io::basp::header_size);
static_assert(basp_check::version == caf::io::basp::version);

namespace {

namespace network = caf::io::network;

network::default_multiplexer& multiplexer(caf::actor_system& system) {
  return dynamic_cast<network::default_multiplexer&>(system.middleman().backend());
}

/// CAF's end of a socket pair.
class pair_scribe : public caf::io::scribe {
 public:
  pair_scribe(network::default_multiplexer& loop, int socket)
      : scribe(network::conn_hdl_from_socket(socket)), stream_(loop, socket) {}
  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (!std::exchange(started_, true))
      stream_.start(this);
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  void flush() override { stream_.flush(this); }
  std::string addr() const override { return "weir"; }
  std::uint16_t port() const override { return 0; }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

 private:
  bool started_ = false;
  network::stream_impl<caf::policy::tcp> stream_;
};

/// Takes from an accept_queue what CAF thinks it accepts.
class queue_policy {
 public:
  explicit queue_policy(std::shared_ptr<accept_queue> queue) : queue_(std::move(queue)) {}
  bool try_accept(network::native_socket& accepted, network::native_socket wake) const {
    char one = 0;
    if (::read(wake, &one, 1) == 1)
      accepted = queue_->pop();
    return true; // there may be none this time, which is no error
  }

 private:
  std::shared_ptr<accept_queue> queue_;
};

/// An open port, as CAF sees it. Closes the real one when CAF is done with it.
class gate_doorman : public caf::io::doorman {
 public:
  gate_doorman(network::default_multiplexer& loop, int wake, std::shared_ptr<accept_queue> queue,
               std::shared_ptr<gateway> owner, gateway::listening open)
      : doorman(network::accept_hdl_from_socket(wake)), network_(std::move(owner)), open_(open),
        acceptor_(loop, wake, std::move(queue)) {}
  ~gate_doorman() override { network_->close_listener(open_.id); }
  gate_doorman(const gate_doorman&) = delete;
  gate_doorman& operator=(const gate_doorman&) = delete;

  bool new_connection() override {
    auto& loop = acceptor_.backend();
    if (detached()) {
      ::close(acceptor_.accepted_socket());
      return false;
    }
    auto made = caf::make_counted<pair_scribe>(loop, acceptor_.accepted_socket());
    const auto handle = made->hdl();
    parent()->add_scribe(std::move(made));
    return doorman::new_connection(&loop, handle);
  }
  void graceful_shutdown() override {
    network_->close_listener(open_.id);
    acceptor_.graceful_shutdown();
    detach(&acceptor_.backend(), false);
  }
  void launch() override { acceptor_.start(this); }
  std::string addr() const override { return "weir"; }
  std::uint16_t port() const override { return open_.port; }
  void add_to_loop() override { acceptor_.activate(this); }
  void remove_from_loop() override { acceptor_.passivate(); }

 private:
  std::shared_ptr<gateway> network_;
  gateway::listening open_;
  network::acceptor_impl<queue_policy> acceptor_;
};

} // namespace

gate_middleman::gate_middleman(caf::actor_config& config, caf::actor broker, std::shared_ptr<gateway> network)
    : middleman_actor_impl(config, std::move(broker)), network_(std::move(network)) {}

caf::expected<caf::io::scribe_ptr> gate_middleman::connect(const std::string& host, std::uint16_t port) {
  auto socket = network_->connect(host, port);
  if (!socket)
    return caf::make_error(caf::sec::cannot_connect_to_node, socket.error().message());
  return caf::io::scribe_ptr{caf::make_counted<pair_scribe>(multiplexer(system()), *socket)};
}

caf::expected<caf::io::doorman_ptr> gate_middleman::open(std::uint16_t port, const char*, bool) {
  try {
    const auto queue = std::make_shared<accept_queue>();
    auto opened = network_->listen(port, queue);
    if (!opened)
      return caf::make_error(caf::sec::cannot_open_port, opened.error().message());
    return caf::io::doorman_ptr{
        caf::make_counted<gate_doorman>(multiplexer(system()), queue->take_wake(), queue, network_, *opened)};
  } catch (const std::system_error& no_descriptors) {
    return caf::make_error(caf::sec::cannot_open_port, std::string{no_descriptors.what()});
  }
}

caf::expected<caf::io::datagram_servant_ptr> gate_middleman::contact(const std::string&, std::uint16_t) {
  return caf::sec::feature_disabled;
}
caf::expected<caf::io::datagram_servant_ptr> gate_middleman::open_udp(std::uint16_t, const char*, bool) {
  return caf::sec::feature_disabled;
}

} // namespace weir::cluster
