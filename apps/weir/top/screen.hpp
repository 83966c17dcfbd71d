#pragma once

// The terminal: draws what `view` says, passes keys on, follows the window's size. The main thread only.

#include <apps/weir/top/client.hpp>
#include <apps/weir/top/view.hpp>

#include <weir/base/clock.hpp>
#include <weir/base/result.hpp>

namespace weir::top {

/// Shows the workflow until `q`, or SIGINT or SIGTERM; the answer is the exit code (0, or 128 + the signal's
/// number). The terminal is as it was afterwards. An error where the terminal's type is unknown.
result<int> show_screen(client& from, snapshot first, duration interval, column by, bool color);

} // namespace weir::top
