#pragma once

// One node in detail: its figures and its workers. Pure.

#include <apps/weir/top/line.hpp>
#include <apps/weir/top/model.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace weir::top {

std::vector<line> node_lines(const node_view& n, std::size_t width);
/// "[####----] 50 %, about 3 s left", with a bar of so many columns, or none.
std::string progress_text(const progress_view& p, std::size_t bar);

} // namespace weir::top
