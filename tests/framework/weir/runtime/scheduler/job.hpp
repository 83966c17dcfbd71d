#pragma once

// What the tests schedule: a job with a number.

#include <tests/support/await.hpp>

namespace weir_tests {

struct job {
  int number = 0;
};

} // namespace weir_tests
