#pragma once

// The smallest custom node: plain C++, no base class, no registration.

#include <weir/node/context.hpp>

#include <stdexcept>
#include <string>

// [custom-node]
class shorten {
 public:
  explicit shorten(std::size_t most) : most_(most) {}

  void on_record(const std::string& text, weir::context<std::string>& out) {
    if (text.empty())
      throw std::invalid_argument("nothing to shorten"); // this record alone becomes a dead letter
    out.emit(text.size() <= most_ ? text : text.substr(0, most_) + "...");
  }

 private:
  std::size_t most_;
};
// [custom-node]
