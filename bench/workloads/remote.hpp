#pragma once

// Frames of 64 KiB to another actor system over loopback: Weir's transport, plain and with TLS, beside CAF's
// own.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> remote_variants(const sizes& of);

} // namespace weir::bench
