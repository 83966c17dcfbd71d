// The check of BASP headers on any bytes: never reads past them, and judges a stream the same however it is
// cut.

// sources: framework/weir/cluster/transport/basp_check.cpp

#include <weir/cluster/transport/basp_check.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using weir::cluster::basp_check;

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const auto who = (data[0] & 1) != 0 ? basp_check::speaker::client : basp_check::speaker::server;
  const std::size_t part = 1 + data[1] % 64;
  const char* const stream = reinterpret_cast<const char*>(data + 2);
  size -= 2;
  constexpr std::size_t most_payload = 4096;
  basp_check at_once{who, most_payload};
  basp_check in_parts{who, most_payload};
  const bool passed = at_once.follow(stream, size);
  bool parts_passed = true;
  for (std::size_t at = 0; at < size; at += part)
    parts_passed = in_parts.follow(stream + at, std::min(part, size - at));
  if (passed != parts_passed || at_once.wrong() != in_parts.wrong() ||
      at_once.greeted() != in_parts.greeted() || passed != at_once.wrong().empty())
    std::abort();
  return 0;
}
