# The C++ Actor Framework of the 0.17 series. Debian ships neither a CMake config
# nor a pkg-config file for it.
#
#   find_package(CAF 0.17.6 REQUIRED COMPONENTS core io openssl)
#
# defines CAF_FOUND, CAF_VERSION and the targets CAF::core, CAF::io, CAF::openssl
# (those asked for; core if none is). CAF_ROOT is searched first. 0.18 changed
# the API, so a later series is refused.

find_path(CAF_INCLUDE_DIR caf/config.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)

set(CAF_VERSION)
if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp _caf_version REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" _caf_version "${_caf_version}")
  if(_caf_version)
    math(EXPR _caf_major "${_caf_version} / 10000")
    math(EXPR _caf_minor "(${_caf_version} / 100) % 100")
    math(EXPR _caf_patch "${_caf_version} % 100")
    set(CAF_VERSION ${_caf_major}.${_caf_minor}.${_caf_patch})
  endif()
endif()

if(NOT CAF_FIND_COMPONENTS)
  set(CAF_FIND_COMPONENTS core)
endif()
foreach(_caf_part IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${_caf_part}_LIBRARY caf_${_caf_part})
  mark_as_advanced(CAF_${_caf_part}_LIBRARY)
  if(CAF_${_caf_part}_LIBRARY)
    set(CAF_${_caf_part}_FOUND TRUE)
  endif()
endforeach()

set(_caf_reason)
if(CAF_VERSION AND CAF_VERSION VERSION_GREATER_EQUAL 0.18)
  set(_caf_reason REASON_FAILURE_MESSAGE "CAF ${CAF_VERSION} has another API; Weir needs 0.17.6 or a later 0.17")
  set(CAF_INCLUDE_DIR_USABLE FALSE)
elseif(CAF_VERSION)
  set(CAF_INCLUDE_DIR_USABLE TRUE)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR CAF_INCLUDE_DIR_USABLE
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS
  ${_caf_reason})

if(CAF_FOUND)
  find_package(Threads REQUIRED)
  foreach(_caf_part IN LISTS CAF_FIND_COMPONENTS)
    if(NOT TARGET CAF::${_caf_part})
      # Headers of an imported target are SYSTEM: their warnings are not ours.
      add_library(CAF::${_caf_part} UNKNOWN IMPORTED)
      set_target_properties(CAF::${_caf_part} PROPERTIES
        IMPORTED_LOCATION ${CAF_${_caf_part}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES Threads::Threads)
      if(NOT _caf_part STREQUAL "core" AND TARGET CAF::core)
        target_link_libraries(CAF::${_caf_part} INTERFACE CAF::core)
      endif()
    endif()
  endforeach()
endif()
