#include <bench/workload.hpp>

#include <bench/workloads/io.hpp>

#include <array>

namespace weir::bench {

std::span<const workload> workloads() {
  static constexpr std::array all{
      workload{"io", "records that each wait 60 ms, as for an answer from a network", io_variants},
  };
  return all;
}

} // namespace weir::bench
