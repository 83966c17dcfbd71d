# tomlplusplus, TOML files: target Tomlplusplus::tomlplusplus.

find_path(Tomlplusplus_INCLUDE_DIR toml++/toml.h)
find_library(Tomlplusplus_LIBRARY tomlplusplus)
mark_as_advanced(Tomlplusplus_INCLUDE_DIR Tomlplusplus_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Tomlplusplus REQUIRED_VARS Tomlplusplus_LIBRARY Tomlplusplus_INCLUDE_DIR)

if(Tomlplusplus_FOUND AND NOT TARGET Tomlplusplus::tomlplusplus)
  add_library(Tomlplusplus::tomlplusplus UNKNOWN IMPORTED)
  set_target_properties(Tomlplusplus::tomlplusplus PROPERTIES
    IMPORTED_LOCATION ${Tomlplusplus_LIBRARY}
    INTERFACE_COMPILE_DEFINITIONS "TOML_HEADER_ONLY=0;TOML_SHARED_LIB=1"
    INTERFACE_INCLUDE_DIRECTORIES ${Tomlplusplus_INCLUDE_DIR})
endif()
