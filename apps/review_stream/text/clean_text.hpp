#pragma once

// Makes a text fit to be read, stored and judged: what it says stays, what only broke on the way goes.

#include <string>

namespace weir::reviews {

/// Changes `text` in place; most texts need nothing and are left alone. Thread-safe.
///
/// - HTML tags go (those that begin a line become a line end, <b> and the like nothing, others a blank),
/// common entities become their characters, once: "&amp;lt;"
///   becomes "&lt;", and what an entity stands for is never read as a tag.
/// - Control characters, byte order marks, direction overrides and U+FFFD (what a broken conversion left) go;
///   "\r\n" and "\r" become "\n", a tab becomes a space.
/// - Bytes that are not UTF-8 go.
/// - Blanks at either end go.
void clean_text(std::string& text);

} // namespace weir::reviews
