#pragma once

// What the screen shows, as lines of text: the pages of `weir top` and what keys do to them. Pure: no
// terminal, no clock, no network. One thread.

#include <apps/weir/top/model.hpp>

#include <weir/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::top {

/// What is known at one moment.
struct snapshot {
  std::optional<workflow_view> workflow; ///< the last that came
  std::vector<event_view> events;        ///< oldest first
  std::optional<error> trouble;          ///< why the last request failed, if it did
  std::string note;                      ///< what came of the last key that changes the workflow
};

enum class style : std::uint8_t { plain, title, heading, selected, good, warning, bad, faint };

struct line {
  std::string text; ///< printable, at most as wide as was asked for
  weir::top::style style = style::plain;
};

/// What a table can be sorted by; `workflow` is the order of the workflow itself.
enum class column : std::uint8_t {
  workflow,
  id,
  state,
  in,
  out,
  busy,
  idle,
  backpressured,
  queue,
  workers,
  task,
  errors,
  restarts,
  dead
};
constexpr std::size_t columns = 14;
/// "workflow", "id", "state", "in", "out", "busy", "idle", "backpr", "queue", "workers", "task", "errors",
/// "restarts", "dead".
std::string_view to_string(column by) noexcept;
/// An error that names them all for another word.
result<column> parse_column(std::string_view name);

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

/// The nodes in the order of the column: figures from large to small, words from a to z; `reversed`, the
/// other way round. Those without a figure come last either way.
std::vector<const node_view*> sorted(const workflow_view& w, column by, bool reversed);
/// Workflow, state, rates, progress, culprit, outages, warnings: 12 lines or so at most. `width` 0: as wide
/// as the text.
std::vector<line> header_lines(const workflow_view& w, std::size_t width);
/// The heading and a line a node, with as many columns as fit in `width`; 0: all of them.
std::vector<line> table_lines(const std::vector<const node_view*>& nodes, std::size_t width, column by,
                              bool reversed);
/// The last `most` events, oldest first.
std::vector<line> event_lines(const std::vector<event_view>& events, std::size_t width, std::size_t most);
/// All of it once, as plain text: what is printed where no terminal is.
std::string plain_text(const snapshot& now, std::size_t width, column by);

} // namespace weir::top
