// What hosts write to each other, of any bytes: frames (control messages and chunks of a link) and, within
// them, messages about work. What is read is written again and read as the same; nothing is longer than its
// limits, and no more memory is taken than the frame explains. Of frames the checksum is put right, too:
// otherwise nothing would get past it.

// sources: framework/weir/cluster/wire.cpp framework/weir/cluster/work_wire.cpp
// sources: framework/weir/cluster/packing.cpp
// sources: framework/weir/base/hash.cpp framework/weir/base/result.cpp
// libraries: -lxxhash -lzstd

#include <tests/fuzz/support/allocated.hpp>
#include <tests/fuzz/support/seeds.hpp>
#include <weir/base/hash.hpp>
#include <weir/cluster/wire.hpp>
#include <weir/cluster/work_wire.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <variant>

using namespace weir;
using namespace weir::cluster;

namespace {

enum class kind : std::uint8_t { frame, work, kinds };

constexpr std::size_t header = 17;     // of a frame; its last 8 bytes are the checksum
constexpr std::size_t errors = 2'048;  // bytes of the words of an error, and of what a message is kept in
constexpr std::size_t most_times = 40; // a label of 8 bytes is a node of a map with two strings

void must(bool holds) {
  if (!holds)
    std::abort();
}

/// What zstd takes for itself, once a thread.
constexpr std::size_t zstd_itself = std::size_t{1} << 20U;

void check_limits(const join& m) {
  must(m.cluster.name.size() <= max_name && m.host.name.size() <= max_name &&
       m.host.version.size() <= max_name && m.host.labels.size() <= max_labels);
  for (const auto& [key, value] : m.host.labels)
    must(key.size() <= max_name && value.size() <= max_name);
}
void check_limits(const refuse& m) {
  must(m.why.what.size() <= max_text && m.why.where.size() <= max_text && m.why.fix.size() <= max_text);
}
void check_limits(const left& m) { must(m.why.size() <= max_text); }
void check_limits(const auto& /*message*/) {}

bytes written(const decoded& d) {
  return std::visit([](const auto& what) { return encode(what); }, d);
}

void read_frame(std::shared_ptr<const bytes> frame) {
  const fuzz::allocated memory;
  const auto read = decode(frame);
  memory.at_most(errors + most_times * frame->size());
  if (!read)
    return;
  const auto again = std::make_shared<const bytes>(written(*read));
  if (const auto* const chunk = std::get_if<link_frame>(&*read)) {
    must(chunk->of == frame && chunk->offset + chunk->size == frame->size());
    must(*again == *frame);
    return;
  }
  std::visit([](const auto& m) { check_limits(m); }, std::get<control_message>(*read));
  const auto reread = decode(again);
  must(reread && written(*reread) == *again);
}

void read_work(const bytes& message) {
  const fuzz::allocated memory;
  const auto read = decode_work(message);
  memory.at_most(errors + 2 * message.size());
  must(!read || encode(*read) == message);
  if (!read)
    return;
  const auto unpacks = [](const packed_body& body) {
    constexpr std::size_t most = std::size_t{1} << 20U;
    const fuzz::allocated memory;
    bytes storage;
    const auto all = unpack(body, most, storage);
    memory.at_most(most + zstd_itself);
    must(!all || all->size() == (body.plain == 0 ? body.bytes.size() : body.plain));
  };
  if (const auto* const task = std::get_if<give_task>(&*read))
    unpacks(task->task);
  if (const auto* const said = std::get_if<worker_said>(&*read))
    unpacks(said->answer);
}

std::map<std::string, bytes> seeds() {
  using namespace std::chrono_literals;
  std::map<std::string, bytes> made;
  const auto frame = [&](const char* name, const auto& message) {
    made["frame_" + std::string{name}] = fuzz::seed(kind::frame, encode(message));
  };
  const auto control = [&](const char* name, control_message m) { frame(name, m); };
  join j;
  j.cluster = {"shop", 0x1234'5678'9abc'def0};
  j.host.name = "host-1";
  j.host.boot = 99;
  j.host.capacity = 8;
  j.host.labels = {{"disk", "fast"}, {"zone", "a"}};
  j.host.version = "0.1.0";
  j.resume = membership_id{5, 6};
  control("join", j);
  control("welcome", welcome{{1, 2}, true});
  control("refuse", refuse{permanent("what", "where", "fix"), true});
  control("heartbeat", heartbeat{{1, 2}, 3, 4, 5, 6});
  control("left", left{{1, 2}, "over"});
  link_frame chunk;
  chunk.id = {1, 2};
  chunk.sequence = 3;
  chunk.acknowledged = 2;
  chunk.may_frames = 256;
  chunk.may_bytes = 8U << 20U;
  chunk.last = true;
  chunk.of = std::make_shared<const bytes>(bytes(16, std::byte{7}));
  chunk.size = 16;
  frame("chunk", chunk);

  const bytes body(24, std::byte{1});
  const auto work = [&](const char* name, const work_message& m) {
    made["work_" + std::string{name}] = fuzz::seed(kind::work, encode(m));
  };
  work("begin", begin_worker{7, 2, 5s, 1s, true, false, true, body});
  work("task", give_task{7, {body}});
  work("end", end_worker{7});
  bytes storage;
  const bytes long_body(1000, std::byte{1});
  work("said", worker_said{7, pack(long_body, storage)});
  work("gone", worker_gone{7, failure_kind::timeout, 4, transient("hung", "map", "look")});
  return made;
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
  const auto* const first = reinterpret_cast<const std::byte*>(data);
  bytes input{first + 1, first + size};
  if (static_cast<kind>(data[0] % static_cast<int>(kind::kinds)) == kind::work) {
    read_work(input);
    return 0;
  }
  read_frame(std::make_shared<const bytes>(input));
  if (input.size() >= header) {
    const std::uint64_t sum = hash_bytes(input.data() + header, input.size() - header);
    std::memcpy(input.data() + header - sizeof sum, &sum, sizeof sum);
    read_frame(std::make_shared<const bytes>(input));
  }
  return 0;
}
