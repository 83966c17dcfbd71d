#include <actors/lines/table_header.hpp>

#include <actors/lines/listed_rows.hpp>

#include <utility>

#include <sys/stat.h>

namespace weir::actors {

result<std::optional<table_head>> table_header(const std::string& path, row_format format) {
  struct stat status{};
  if (path == "-" || (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)))
    return permanent("cannot look at the header before the run", path, "name a regular file");
  auto inputs = list_inputs({path});
  if (!inputs)
    return std::move(inputs).error();
  auto opened = input_stream::open(std::move((*inputs)[0]));
  if (!opened)
    return std::move(opened).error();
  constexpr std::size_t longest_header = std::size_t{1} << 20U;
  row_reader rows{shared_text{path}, format, longest_header};
  text_line line;
  auto found = row_reader::found::nothing;
  for (bool ended = false; !ended && found == row_reader::found::nothing;) {
    const auto chunk = opened->next();
    if (!chunk)
      return chunk.error();
    ended = chunk->state == input_stream::state::end;
    if (!ended)
      rows.feed(chunk->bytes);
    found = ended ? rows.finish(line) : rows.next(line);
    if (!rows.header().view().empty())
      return std::optional{table_head{rows.format(), rows.separator(), rows.header()}};
  }
  if (found == row_reader::found::rejected)
    return std::move(rows.rejection().why);
  return std::optional<table_head>{};
}

} // namespace weir::actors
