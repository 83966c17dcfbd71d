#pragma once

// A line_source that follows, driven by polls on a clock that moves when told to.

#include <actors/lines/line_source.hpp>
#include <tests/actors/support/source_driver.hpp>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::test {

class follower {
 public:
  explicit follower(std::vector<std::string> inputs, actors::row_format format = actors::row_format::lines)
      : time_(std::make_shared<manual_clock>()),
        driver_(open({.inputs = std::move(inputs), .format = format, .follow = true, .time = time_})) {}

  /// What it emits until it waits. `rejected` gets the rest.
  std::vector<std::string> read() {
    for (;;) {
      const auto said = driver_.poll(1000);
      if (said.what() == poll_result::state::failed)
        throw std::runtime_error(said.why().message());
      if (said.what() != poll_result::state::more) {
        ended = said.what() == poll_result::state::end;
        break;
      }
    }
    std::vector<std::string> texts;
    records = std::exchange(driver_.records, {});
    for (const auto& line : records)
      texts.push_back(line.text);
    for (auto& one : std::exchange(driver_.rejected, {}))
      rejected.push_back(std::move(one));
    return texts;
  }
  /// The same after a time without any change.
  std::vector<std::string> read_after(duration wait) {
    time_->advance(wait);
    return read();
  }

  std::vector<actors::text_line> records; ///< of the last read
  std::vector<detail::rejected_input> rejected;
  bool ended = false;

 private:
  static actors::line_source open(actors::line_source_options options) {
    auto opened = actors::line_source::open(std::move(options));
    if (!opened)
      throw std::runtime_error(opened.error().message());
    return *std::move(opened);
  }

  std::shared_ptr<manual_clock> time_;
  source_driver<actors::line_source> driver_;
};

inline void append(const std::string& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary | std::ios::app};
  out << text;
  if (!out.flush())
    throw std::runtime_error("cannot append to " + path);
}

} // namespace weir::test
