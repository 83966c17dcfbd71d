# LIBLINEAR, linear classification: target LibLinear::liblinear.

find_path(LibLinear_INCLUDE_DIR linear.h)
find_library(LibLinear_LIBRARY linear)
mark_as_advanced(LibLinear_INCLUDE_DIR LibLinear_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibLinear REQUIRED_VARS LibLinear_LIBRARY LibLinear_INCLUDE_DIR)

if(LibLinear_FOUND AND NOT TARGET LibLinear::liblinear)
  add_library(LibLinear::liblinear UNKNOWN IMPORTED)
  set_target_properties(LibLinear::liblinear PROPERTIES
    IMPORTED_LOCATION ${LibLinear_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LibLinear_INCLUDE_DIR})
endif()
