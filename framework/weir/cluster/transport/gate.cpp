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

#include <csignal>
#include <system_error>
#include <utility>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace weir::cluster {

static_assert(basp_check::header_bytes == caf::io::basp::header_size);
static_assert(basp_check::version == caf::io::basp::version);

namespace {

namespace network = caf::io::network;

network::default_multiplexer& multiplexer(caf::actor_system& system) {
  return dynamic_cast<network::default_multiplexer&>(system.middleman().backend());
}

/// OpenSSL writes without MSG_NOSIGNAL: on CAF's thread, too, a peer that is gone must be no signal.
void be_deaf_to_sigpipe() {
  thread_local const bool done = [] {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    return ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr) == 0;
  }();
  static_cast<void>(done);
}

/// How CAF reads and writes a connection.
class stream_policy {
 public:
  explicit stream_policy(std::shared_ptr<checked_stream> stream) : stream_(std::move(stream)) {}

  network::rw_state read_some(std::size_t& result, network::native_socket, void* to, std::size_t size) const {
    return state_of(stream_->read(static_cast<char*>(to), size), result);
  }
  network::rw_state write_some(std::size_t& result, network::native_socket, const void* from,
                               std::size_t size) const {
    be_deaf_to_sigpipe();
    return state_of(stream_->write(static_cast<const char*>(from), size), result);
  }
  bool must_read_more(network::native_socket, std::size_t) const { return stream_->pending(); }

 private:
  static network::rw_state state_of(const io_step& step, std::size_t& result) {
    result = step.bytes;
    return step.status == io_status::ended || step.status == io_status::failed ? network::rw_state::failure
                                                                               : network::rw_state::success;
  }
  std::shared_ptr<checked_stream> stream_;
};

class link_scribe : public caf::io::scribe {
 public:
  link_scribe(network::default_multiplexer& loop, ready_connection one)
      : link_scribe(loop, one.socket.release(), one.stream) {}
  link_scribe(network::default_multiplexer& loop, int socket, const std::shared_ptr<checked_stream>& stream)
      : scribe(network::conn_hdl_from_socket(socket)), checked_(stream), stream_(loop, socket, stream) {}
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
    checked_->ending();
    detach(&stream_.backend(), false);
  }
  void flush() override { stream_.flush(this); }
  std::string addr() const override { return "weir"; }
  std::uint16_t port() const override { return 0; }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

 private:
  bool started_ = false;
  std::shared_ptr<checked_stream> checked_;
  network::stream_impl<stream_policy> stream_;
};

/// Takes from an accept_queue what CAF thinks it accepts.
class queue_policy {
 public:
  explicit queue_policy(std::shared_ptr<accept_queue> queue, std::shared_ptr<ready_connection> taken)
      : queue_(std::move(queue)), taken_(std::move(taken)) {}
  bool try_accept(network::native_socket& accepted, network::native_socket wake) const {
    char one = 0;
    if (::read(wake, &one, 1) == 1) {
      *taken_ = queue_->pop();
      accepted = taken_->socket.get();
    }
    return true; // there may be none this time, which is no error
  }

 private:
  std::shared_ptr<accept_queue> queue_;
  std::shared_ptr<ready_connection> taken_; ///< the doorman's
};

/// An open port, as CAF sees it. Closes the real one when CAF is done with it.
class gate_doorman : public caf::io::doorman {
 public:
  gate_doorman(network::default_multiplexer& loop, int wake, std::shared_ptr<accept_queue> queue,
               std::shared_ptr<gateway> owner, gateway::listening open)
      : doorman(network::accept_hdl_from_socket(wake)), network_(std::move(owner)), open_(open),
        acceptor_(loop, wake, std::move(queue), taken_) {}
  ~gate_doorman() override { network_->close_listener(open_.id); }
  gate_doorman(const gate_doorman&) = delete;
  gate_doorman& operator=(const gate_doorman&) = delete;

  bool new_connection() override {
    auto& loop = acceptor_.backend();
    auto taken = std::exchange(*taken_, ready_connection{});
    if (detached())
      return false;
    auto made = caf::make_counted<link_scribe>(loop, std::move(taken));
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
  std::shared_ptr<ready_connection> taken_ = std::make_shared<ready_connection>();
  network::acceptor_impl<queue_policy> acceptor_;
};

} // namespace

gate_middleman::gate_middleman(caf::actor_config& config, caf::actor broker, std::shared_ptr<gateway> network)
    : middleman_actor_impl(config, std::move(broker)), network_(std::move(network)) {}

caf::expected<caf::io::scribe_ptr> gate_middleman::connect(const std::string& host, std::uint16_t port) {
  auto begun = network_->connect(host, port);
  if (!begun)
    return caf::make_error(caf::sec::cannot_connect_to_node, begun.error().message());
  return caf::io::scribe_ptr{caf::make_counted<link_scribe>(multiplexer(system()), std::move(*begun))};
}

caf::expected<caf::io::doorman_ptr> gate_middleman::open(std::uint16_t port, const char*, bool) {
  try {
    const auto queue = std::make_shared<accept_queue>();
    auto opened = network_->listen(port, queue);
    if (!opened)
      return caf::make_error(caf::sec::cannot_open_port, opened.error().message());
    return caf::io::doorman_ptr{caf::make_counted<gate_doorman>(
        multiplexer(system()), queue->take_wake().release(), queue, network_, *opened)};
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
