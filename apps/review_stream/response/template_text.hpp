#pragma once

// The text of a template, cut into plain text and placeholders: "Hello {product}" is "Hello ", {product}.
// "{{" and "}}" are the signs themselves. Thread-safe.

#include <weir/base/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::reviews {

/// Plain text, or the name of a placeholder.
struct template_part {
  std::string text;
  bool placeholder = false;
};

/// The parts in order. The error says what is wrong and how to mend it, not where: that is the caller's.
result<std::vector<template_part>> parse_template(std::string_view text);

} // namespace weir::reviews
