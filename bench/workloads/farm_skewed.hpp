#pragma once

// A pool of four workers and records of which one in a hundred takes 500 times as long: how long do the
// others wait behind it? By dispatch policy, with workers on threads (the slow record waits, as for an answer
// from a network), on the scheduler (it computes), and in a model on virtual time, which no other load of the
// machine disturbs: there the policies alone are compared.

#include <bench/workload.hpp>

#include <vector>

namespace weir::bench {

std::vector<variant> farm_skewed_variants(const sizes& of);

} // namespace weir::bench
