# Target check-headers: every header of ours compiles alone.
#
# One generated source per header that includes nothing else. Objects are made
# (unoptimised, they are nearly empty), so a second run checks only what changed.

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
  ${PROJECT_SOURCE_DIR}/framework/*.hpp ${PROJECT_SOURCE_DIR}/actors/*.hpp ${PROJECT_SOURCE_DIR}/apps/*.hpp
  ${PROJECT_SOURCE_DIR}/bench/*.hpp ${PROJECT_SOURCE_DIR}/tests/support/*.hpp)

set(sources)
foreach(header IN LISTS headers)
  string(REGEX REPLACE "^framework/" "" include_path ${header})
  if(NOT WEIR_BUILD_TESTS AND include_path MATCHES "^tests/")
    continue()
  endif()
  set(source ${PROJECT_BINARY_DIR}/check_headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <${include_path}>\n" @ONLY)
  list(APPEND sources ${source})
endforeach()

if(WEIR_WITH_CAF)
  add_library(check-headers OBJECT EXCLUDE_FROM_ALL ${sources})
  target_compile_options(check-headers PRIVATE -O0 -g0)
  target_link_libraries(check-headers PRIVATE weir_flags weir weir_actors review_stream_core weir_program_core
    Boost::json spdlog::spdlog CLI11::CLI11 SQLite::SQLite3 ZLIB::ZLIB zstd::libzstd_shared
    LibLinear::liblinear Utf8proc::utf8proc xxHash::xxhash)
  if(WEIR_BUILD_TESTS)
    target_link_libraries(check-headers PRIVATE weir_test_support)
  endif()
endif()
