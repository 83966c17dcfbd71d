// What a run and its worker process write to each other, of any bytes: the frames are the same however they
// are cut, and a reader holds no more than what came.

// sources: framework/weir/runtime/process/frames.cpp

#include <tests/fuzz/support/allocated.hpp>
#include <tests/fuzz/support/seeds.hpp>
#include <weir/runtime/process/frames.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace weir::detail;
namespace fuzz = weir::fuzz;

namespace {

void must(bool holds) {
  if (!holds)
    std::abort();
}

struct seen {
  std::vector<std::pair<frame_kind, fuzz::bytes>> frames;
  bool broken = false;
  friend bool operator==(const seen&, const seen&) = default;
};

seen read(std::span<const std::byte> stream, std::size_t part) {
  seen all;
  frame_reader reader;
  while (!stream.empty() && !reader.broken()) {
    const auto room = reader.room();
    const std::size_t n = std::min({part, room.size(), stream.size()});
    std::memcpy(room.data(), stream.data(), n);
    reader.arrived(n);
    stream = stream.subspan(n);
    while (const auto f = reader.next())
      all.frames.emplace_back(f->kind, fuzz::bytes(f->body.begin(), f->body.end()));
  }
  all.broken = reader.broken();
  return all;
}

void append(fuzz::bytes& to, frame_kind kind, const fuzz::bytes& body) {
  std::byte head[frame_head];
  put_frame_head(head, kind, body.size());
  to.insert(to.end(), head, head + frame_head);
  to.insert(to.end(), body.begin(), body.end());
}

std::map<std::string, fuzz::bytes> seeds() {
  fuzz::bytes stream;
  append(stream, frame_kind::order, fuzz::bytes(12, std::byte{1}));
  append(stream, frame_kind::task, fuzz::bytes(40, std::byte{2}));
  append(stream, frame_kind::stop, stop_frame(7, 3));
  append(stream, frame_kind::answer, {});
  return {{"frames", fuzz::seed(6, stream)}};
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  fuzz::write_seeds_if_asked(*argc, *argv, seeds);
  return 0;
}

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::span<const std::byte> stream{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  const fuzz::allocated memory;
  const seen at_once = read(stream, stream.size());
  memory.at_most(std::size_t{256} * 1024 + 32 * size); // room for 128 KiB; each frame is kept here, too
  must(read(stream, 1 + data[0] % 64) == at_once);

  fuzz::bytes again;
  for (const auto& [kind, body] : at_once.frames) {
    append(again, kind, body);
    if (const auto stop = read_stop_frame(body))
      must(stop_frame(stop->first, stop->second) == body);
  }
  must(again.size() <= stream.size() && std::equal(again.begin(), again.end(), stream.begin()));
  return 0;
}
