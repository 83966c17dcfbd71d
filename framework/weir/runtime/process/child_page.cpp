#include <weir/runtime/process/child_page.hpp>

#include <cerrno>
#include <new>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace weir::detail {

child_page* child_page_at(int descriptor) noexcept {
  void* const at = ::mmap(nullptr, sizeof(child_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return at == MAP_FAILED ? nullptr : static_cast<child_page*>(at);
}

shared_page::shared_page() : descriptor_(::memfd_create("weir.worker", MFD_CLOEXEC)), page_(nullptr) {
  if (descriptor_ >= 0 && ::ftruncate(descriptor_, sizeof(child_page)) == 0)
    page_ = child_page_at(descriptor_);
  if (page_ == nullptr) {
    const int why = errno;
    if (descriptor_ >= 0)
      ::close(descriptor_);
    throw std::system_error{why, std::generic_category(), "cannot share memory with a worker process"};
  }
  ::new (page_) child_page;
}

shared_page::~shared_page() {
  ::munmap(page_, sizeof(child_page));
  ::close(descriptor_);
}

} // namespace weir::detail
