#include <weir/cluster/packing.hpp>

#include <limits>
#include <memory>

#include <zstd.h>

namespace weir::cluster {

namespace {

constexpr int level = 1;
constexpr std::size_t worth_it = 256;

/// One a thread: making one costs more than small bodies do.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> one{ZSTD_createCCtx(),
                                                                              ZSTD_freeCCtx};
  return one.get();
}
ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> one{ZSTD_createDCtx(),
                                                                              ZSTD_freeDCtx};
  return one.get();
}

} // namespace

packed_body pack(std::span<const std::byte> body, bytes& storage) {
  if (body.size() < worth_it || body.size() > std::numeric_limits<std::uint32_t>::max() ||
      compressor() == nullptr)
    return {body};
  // One that does not fit into this has not shrunk enough.
  storage.resize(body.size() - body.size() / 8);
  const auto size =
      ZSTD_compressCCtx(compressor(), storage.data(), storage.size(), body.data(), body.size(), level);
  if (ZSTD_isError(size) != 0)
    return {body};
  storage.resize(size);
  return {storage, static_cast<std::uint32_t>(body.size())};
}

result<std::span<const std::byte>> unpack(packed_body body, std::size_t most, bytes& storage) {
  if (body.plain == 0)
    return body.bytes;
  if (body.plain <= most && decompressor() != nullptr) {
    storage.resize(body.plain);
    if (ZSTD_decompressDCtx(decompressor(), storage.data(), storage.size(), body.bytes.data(),
                            body.bytes.size()) == body.plain)
      return std::span<const std::byte>{storage};
  }
  return permanent("a body that cannot be unpacked", "cluster", "run the same build on every host");
}

} // namespace weir::cluster
