# tcmalloc without its profilers, a faster malloc: target Tcmalloc::minimal. A program linked to it need not
# name anything in it, so the linker is told to keep it.

find_library(Tcmalloc_LIBRARY tcmalloc_minimal)
mark_as_advanced(Tcmalloc_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Tcmalloc REQUIRED_VARS Tcmalloc_LIBRARY)

if(Tcmalloc_FOUND AND NOT TARGET Tcmalloc::minimal)
  add_library(Tcmalloc::minimal INTERFACE IMPORTED)
  set_target_properties(Tcmalloc::minimal PROPERTIES
    INTERFACE_LINK_LIBRARIES "-Wl,--push-state,--no-as-needed;${Tcmalloc_LIBRARY};-Wl,--pop-state")
endif()
