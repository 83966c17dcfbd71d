#pragma once

// Passwords out of what people read.

#include <string>
#include <string_view>

namespace weir {

/// The text with the password of each URI in it ("scheme://user:secret@host", also "scheme://:secret@host")
/// and the values of query parameters that name one (password, passwd, pwd, secret, token, api_key,
/// access_key) as
/// "***". Everything else stays as it is.
std::string redact_uri(std::string_view text);

} // namespace weir
