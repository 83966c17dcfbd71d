#include <weir/cluster/transport/checked_stream.hpp>

#include <algorithm>

namespace weir::cluster {

namespace {
/// Then other connections have their turn.
constexpr std::size_t most_in_a_row = std::size_t{256} * 1024;
} // namespace

io_step checked_stream::write(const char* from, std::size_t size) {
  io_step all{io_status::done};
  while (all.bytes < std::min(size, most_in_a_row)) { // a TLS record at a time
    const io_step step = stream_.write(from + all.bytes, size - all.bytes);
    all.bytes += step.bytes;
    if (step.status != io_status::done) {
      if (all.bytes == 0)
        all.status = step.status;
      break;
    }
  }
  out_.fetch_add(all.bytes, std::memory_order_relaxed);
  return all;
}

} // namespace weir::cluster
