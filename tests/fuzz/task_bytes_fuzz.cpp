// Orders, tasks and answers of workers in other processes, of any bytes. What is read takes no more memory
// than its bytes explain, and is written and read as the same; a batch has no more records than it has bytes.

// sources: framework/weir/runtime/task_bytes.cpp framework/weir/record/batch_codec.cpp
// sources: framework/weir/record/batch.cpp framework/weir/record/block_pool.cpp
// sources: framework/weir/record/payload.cpp framework/weir/record/gather.cpp framework/weir/record/codec.cpp
// sources: framework/weir/base/byte_budget.cpp framework/weir/base/hash.cpp framework/weir/base/result.cpp
// libraries: -lboost_json -lxxhash

#include <tests/fuzz/support/allocated.hpp>
#include <tests/fuzz/support/seeds.hpp>
#include <weir/record/batch.hpp>
#include <weir/record/record_type.hpp>
#include <weir/runtime/task_bytes.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/describe/class.hpp>

using namespace weir;
using namespace weir::detail;
using namespace std::chrono_literals;

namespace {

struct flat {
  std::uint64_t key = 0;
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(flat, (), (key, value))

struct note {
  std::string text;
  std::optional<double> rating;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(note, (), (text, rating, tags))

enum class kind : std::uint8_t { order, task_of_flats, task_of_notes, answer, kinds };

/// The least batch is 33 bytes, and takes a block of 256 and an entry in a list; an answer's failure of 18
/// bytes has three strings.
constexpr std::size_t most_times = 64;
constexpr std::size_t errors = 4'096; ///< bytes of the words of an error, and of the first blocks
constexpr time_point now{10'000s};

void must(bool holds) {
  if (!holds)
    std::abort();
}

const std::vector<const record_type*>& outputs() {
  static const std::vector<const record_type*> types{&record_type_of<flat>(), &record_type_of<note>()};
  return types;
}

void look_at(const batch& b, std::size_t input) {
  must(!b.empty() && b.size() <= input / b.type().codec->min_size);
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < b.size(); ++i) {
    bytes += b.type().bytes(b.record(i));
    must(b.id(i).position == b.first_position() + b.offset(i));
  }
  must(bytes == b.bytes());
}

void read_order(std::span<const std::byte> input) {
  const fuzz::allocated memory;
  const auto order = decode_order(input);
  memory.at_most(errors + most_times * input.size());
  if (!order)
    return;
  const auto again = encode_order(*order);
  must(again == fuzz::bytes(input.begin(), input.end()));
}

void read_task(std::span<const std::byte> input, const record_type& type) {
  const auto budget = std::make_shared<byte_budget>();
  {
    const fuzz::allocated memory;
    const auto read = decode_task(input, &type, budget);
    memory.at_most(errors + most_times * input.size());
    if (read) {
      const task& t = read->what;
      must((t.kind == task_kind::run) == (t.input != nullptr));
      if (t.input) {
        must(t.begin == 0 && t.end == t.input->size());
        look_at(*t.input, input.size());
      }
      const auto again = encode_task(t);
      must(again && again->size() <= input.size());
      const auto reread = decode_task(*again, &type, nullptr);
      must(reread && *encode_task(reread->what) == *again);
    }
  }
  must(budget->used() == 0);
}

void read_answer(std::span<const std::byte> input) {
  const auto budget = std::make_shared<byte_budget>();
  {
    const fuzz::allocated memory;
    const auto read = decode_answer(input, outputs(), budget, now);
    memory.at_most(errors + most_times * input.size());
    if (read) {
      must(read->outputs.size() == outputs().size() && read->failures.size() <= input.size());
      must(read->took >= 0s && read->ended == now);
      for (const auto& port : read->outputs)
        for (const auto& b : port)
          look_at(*b, input.size());
      const auto again = encode_answer(*read, 0);
      must(again && again->size() <= input.size());
      const auto reread = decode_answer(*again, outputs(), nullptr, now);
      must(reread && *encode_answer(*reread, 0) == *again);
    }
  }
  must(budget->used() == 0);
}

template <class T>
batch_ptr batch_of(const std::vector<T>& records, std::uint32_t step, std::uint64_t ordinal) {
  batch_builder b{record_type_of<T>(), static_cast<std::uint32_t>(records.size()), 3, 1'000, now, nullptr};
  std::uint32_t i = 0;
  for (const auto& r : records) {
    ::new (b.slot()) T(r);
    if (!record_type_of<T>().trivial)
      b.add_bytes(byte_size(r));
    b.commit(i * step, ordinal == 0 ? 0 : ordinal + i);
    ++i;
  }
  return b.seal();
}

const std::vector<flat> flats{{1, 0.5}, {2, 1.5}, {3, 2.5}};
const std::vector<note> notes{{"good", 4.5, {"one", "two"}}, {"bad", std::nullopt, {}}};

template <class T>
fuzz::bytes task_of(const std::vector<T>& records, std::uint32_t step, std::uint64_t ordinal) {
  task t;
  t.id = 8;
  t.attempt = 2;
  t.input = batch_of(records, step, ordinal);
  t.begin = 1;
  t.end = t.input->size();
  return *encode_task(t);
}

fuzz::bytes full_answer() {
  answer a;
  a.task = 9;
  a.next = 3;
  a.filtered = 1;
  a.took = 7ms;
  a.ended = now;
  a.timer = now + 3s;
  a.whole = exhausted("full", "disk", "buy one");
  a.failures.push_back({1, failure_kind::invalid, permanent("bad")});
  a.outputs.push_back({batch_of(flats, 1, 0)});
  a.outputs.push_back({batch_of(notes, 2, 5)});
  return *encode_answer(a, 10);
}

std::map<std::string, fuzz::bytes> seeds() {
  remote_places::worker_order order{3, 4, 5, {}};
  const auto first = encode_order(order);
  order.last_crash =
      crash_report{failure_kind::timeout, transient("hung"), record_id{1, 2, 3}, time_point{9s}, 6};
  task start;
  start.kind = task_kind::start;
  return {{"order", fuzz::seed(kind::order, first)},
          {"order_after_crash", fuzz::seed(kind::order, encode_order(order))},
          {"start", fuzz::seed(kind::task_of_flats, *encode_task(start))},
          {"task_of_flats", fuzz::seed(kind::task_of_flats, task_of(flats, 1, 0))},
          {"task_of_notes", fuzz::seed(kind::task_of_notes, task_of(notes, 3, 7))},
          {"answer", fuzz::seed(kind::answer, full_answer())}};
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
  const std::span<const std::byte> input{reinterpret_cast<const std::byte*>(data) + 1, size - 1};
  switch (static_cast<kind>(data[0] % static_cast<int>(kind::kinds))) {
  case kind::order:
    read_order(input);
    break;
  case kind::task_of_flats:
    read_task(input, record_type_of<flat>());
    break;
  case kind::task_of_notes:
    read_task(input, record_type_of<note>());
    break;
  default:
    read_answer(input);
  }
  return 0;
}
