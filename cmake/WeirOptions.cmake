# Options, flags and output folders of the whole build.

# Tests need Catch2, which is no dependency of the library: they are on by
# default where it is installed.
find_package(Catch2 QUIET)
option(WEIR_BUILD_TESTS "Build the tests and examples (needs Catch2)" ${Catch2_FOUND})

# OFF leaves out every folder that uses CAF. ThreadSanitizer needs that: CAF
# comes uninstrumented from the distribution and drowns it in false alarms.
option(WEIR_WITH_CAF "Build what runs on CAF" ON)

option(WEIR_WERROR "Treat warnings as errors" ON)
set(WEIR_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

# Warnings are for our sources only: every dependency is included as SYSTEM.
add_library(weir_flags INTERFACE)
target_compile_options(weir_flags INTERFACE -Wall -Wextra -Wpedantic $<$<BOOL:${WEIR_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarm on "text" + std::string in GCC 12 (GCC bug 105651).
  target_compile_options(weir_flags INTERFACE -Wno-restrict)
endif()
if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
  if(WEIR_SANITIZE MATCHES "address.*undefined")
    # AddressSanitizer sees the same mistakes; these two double the build time.
    add_compile_options(-fno-sanitize=null,object-size)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumentation hides from GCC's data flow that values are set.
    add_compile_options(-Wno-error=maybe-uninitialized)
  endif()
endif()
if(WEIR_SANITIZE STREQUAL "thread")
  # GCC 12's runtime cannot start where the kernel spreads addresses widely.
  execute_process(COMMAND setarch -R true RESULT_VARIABLE setarch_failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT setarch_failed)
    set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
  endif()
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# ccache takes precompiled headers only when told that their macros are part of
# the hash (sloppiness) and, for GCC, that the preprocessed text names them.
find_program(WEIR_CCACHE ccache)
mark_as_advanced(WEIR_CCACHE)
if(WEIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${WEIR_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    add_compile_options(-fpch-preprocess)
  endif()
endif()
