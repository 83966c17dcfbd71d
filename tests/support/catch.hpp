#pragma once

// Catch2 2 (Debian 12) and Catch2 3 (Debian 13) under one name. The main function
// comes with the library: no test defines one.
//
// Assertions belong on the test's main thread only: Catch2 does not lock. Let
// other threads and actors collect what they saw, and assert after joining them.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
// Names that 3 moved or renamed; tests use the names of 2.
namespace Catch {
using Matchers::EndsWith;
using Matchers::Equals;
using Matchers::Message;
using Matchers::StartsWith;
inline auto Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
} // namespace Catch
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
