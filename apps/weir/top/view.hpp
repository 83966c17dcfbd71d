#pragma once

// What the screen shows, as lines of text: the pages of `weir top` and what keys do to them. Pure: no
// terminal, no clock, no network. One thread.

#include <apps/weir/top/line.hpp>
#include <apps/weir/top/model.hpp>
#include <apps/weir/top/table.hpp>

#include <weir/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::top {

/// What is known at one moment.
struct snapshot {
  std::optional<workflow_view> workflow; ///< the last that came
  std::vector<event_view> events;        ///< oldest first
  std::optional<error> trouble;          ///< why the last request failed, if it did
  std::string note;                      ///< what came of the last key that changes the workflow
};

enum class key : std::uint8_t { up, down, page_up, page_down, home, end, enter, escape, character };

class view {
 public:
  enum class action : std::uint8_t { none, quit, toggle_pause };

  explicit view(column by = column::workflow) : by_(by) {}

  /// What the key does; `c` is the key's letter where it is a character.
  action press(key k, char c, const snapshot& now);
  /// The screen: at most `height` lines of at most `width` columns.
  std::vector<line> lines(const snapshot& now, std::size_t width, std::size_t height);

 private:
  enum class page : std::uint8_t { nodes, node, help };
  std::vector<line> node_page(const snapshot& now, std::size_t width) const;
  std::vector<line> nodes_page(const snapshot& now, std::size_t width, std::size_t height);
  void move(std::ptrdiff_t by, const snapshot& now);

  column by_;
  bool reversed_ = false;
  page page_ = page::nodes;
  std::string selected_;   ///< the node's id
  std::size_t scroll_ = 0; ///< lines of the detail or help page above the screen
  std::size_t first_ = 0;  ///< row of the table at its top
  std::size_t rows_ = 1;   ///< of the table on the screen
};

/// Workflow, state, rates, progress, culprit, outages, warnings: 12 lines or so at most. `width` 0: as wide
/// as the text.
std::vector<line> header_lines(const workflow_view& w, std::size_t width);
/// The last `most` events, oldest first.
std::vector<line> event_lines(const std::vector<event_view>& events, std::size_t width, std::size_t most);
/// All of it once, as plain text: what is printed where no terminal is.
std::string plain_text(const snapshot& now, std::size_t width, column by);

} // namespace weir::top
