#include <tests/support/catch.hpp>
#include <weir/observe/web_assets.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

using namespace weir;

namespace {

std::string text_of(const web_asset& asset) { return {asset.bytes.begin(), asset.bytes.end()}; }

const web_asset* find(std::string_view path) {
  const auto assets = web_assets();
  const auto found = std::ranges::find(assets, path, &web_asset::path);
  return found == assets.end() ? nullptr : &*found;
}

std::vector<std::uint8_t> unpacked(std::span<const std::uint8_t> gzip, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = const_cast<Bytef*>(gzip.data());
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.size());
  const auto end = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  REQUIRE(end == Z_STREAM_END);
  CHECK(stream.avail_out == 0);
  return bytes;
}

} // namespace

// A build without Node.js has no page: then these hold of nothing.

TEST_CASE("the files of the page are in order, typed and not empty") {
  const auto assets = web_assets();
  CHECK(std::ranges::is_sorted(assets, {}, &web_asset::path));
  for (const auto& asset : assets) {
    INFO(asset.path);
    CHECK_FALSE(asset.path.starts_with("/"));
    CHECK_FALSE(asset.content_type.empty());
    CHECK(asset.content_type != "application/octet-stream");
    CHECK_FALSE(asset.bytes.empty());
  }
}

TEST_CASE("what is packed is the file itself, and shorter") {
  for (const auto& asset : web_assets()) {
    INFO(asset.path);
    if (asset.gzip.empty()) {
      continue;
    }
    CHECK(asset.gzip.size() < asset.bytes.size());
    CHECK(std::ranges::equal(unpacked(asset.gzip, asset.bytes.size()), asset.bytes));
  }
}

TEST_CASE("the page refers to files of the table, and has nothing inline") {
  if (web_assets().empty()) {
    return;
  }
  const auto* page = find("index.html");
  REQUIRE(page);
  CHECK(page->content_type == "text/html; charset=utf-8");
  const auto html = text_of(*page);
  CHECK_THAT(html, !Catch::Contains("<style") && !Catch::Contains("http://") && !Catch::Contains("https://"));

  int scripts = 0;
  for (auto at = html.find("<script"); at != std::string::npos; at = html.find("<script", at + 1)) {
    const auto tag = html.substr(at, html.find("</script>", at) - at);
    INFO(tag);
    CHECK(tag.ends_with(">"));
    const auto from = tag.find("src=\"./");
    REQUIRE(from != std::string::npos);
    const auto path = tag.substr(from + 7, tag.find('"', from + 7) - from - 7);
    INFO(path);
    CHECK(find(path));
    ++scripts;
  }
  CHECK(scripts == 1);
}
