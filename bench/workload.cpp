#include <bench/workload.hpp>

#include <bench/workloads/actors.hpp>
#include <bench/workloads/backpressure.hpp>
#include <bench/workloads/cluster.hpp>
#include <bench/workloads/codec.hpp>
#include <bench/workloads/farm_skewed.hpp>
#include <bench/workloads/features.hpp>
#include <bench/workloads/io.hpp>
#include <bench/workloads/latency.hpp>
#include <bench/workloads/remote.hpp>
#include <bench/workloads/reviews.hpp>
#include <bench/workloads/scaling.hpp>
#include <bench/workloads/streams.hpp>

#include <array>

namespace weir::bench {

std::span<const workload> workloads() {
  static constexpr std::array all{
      workload{"pipeline", "source, map, filter half, sum, each its own actor; records of 64 bytes",
               pipeline_variants},
      workload{"fused", "the same steps without actors between them", fused_variants},
      workload{"farm", "2 us of arithmetic a record on two workers", farm_variants},
      workload{"keyed", "split by key to two workers, count windows of 100 of 10,000 keys", keyed_variants},
      workload{"window", "the same windows in one worker", window_variants},
      workload{"io", "records that each wait 60 ms, as for an answer from a network", io_variants},
      workload{"farm-skewed",
               "records of 10 us and, one in 100, 5 ms, on four workers: delay before the work",
               farm_skewed_variants},
      workload{"latency", "from when a record is due until it is summed, by load", latency_variants},
      workload{"ping-pong", "two CAF actors answer each other", ping_pong_variants},
      workload{"spawn", "CAF actors start, get a message, end", spawn_variants},
      workload{"mailbox", "twenty CAF actors send to one", mailbox_variants},
      workload{"codec", "records written as bytes and read again, flat ones of 64 bytes and texts",
               codec_variants},
      workload{"remote", "frames of 64 KiB to another actor system over loopback, plain and with TLS",
               remote_variants},
      workload{"cluster", "records by size through workers on another host, and the loss of a host",
               cluster_variants},
      workload{"backpressure", "a sink 100 times slower than its source", backpressure_variants},
      workload{"reviews", "review-stream from gzip JSON Lines to SQLite, and each of its parts alone",
               review_variants},
      workload{"features", "what can be turned on or off, beside the pipeline without it", feature_variants},
      workload{"scaling", "more workers, larger records and batches, more stages and nodes",
               scaling_variants},
  };
  return all;
}

} // namespace weir::bench
