# weir_add_tests(NAME folder... [EXCEPT folder] [LABEL label] [LIBRARIES target...])
#
# One test executable from every *.cpp under the folders; each test case becomes
# a ctest entry. Does nothing where the folders hold no source (none is given, or tests come later).

find_package(Catch2 REQUIRED)
list(APPEND CMAKE_MODULE_PATH ${Catch2_DIR})
include(Catch)

# Compile time counts more than speed in tests.
set(WEIR_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)

function(weir_add_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXCEPT;LABEL" "LIBRARIES")
  list(TRANSFORM arg_UNPARSED_ARGUMENTS APPEND "/*.cpp" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${patterns})
  if(arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCEPT}/")
  endif()
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE weir_flags weir_test_support ${arg_LIBRARIES})
  target_compile_options(${name} PRIVATE ${WEIR_TEST_OPTIONS})
  target_precompile_headers(${name} REUSE_FROM weir_test_support)
  if(WEIR_SANITIZE MATCHES "undefined" AND NOT arg_LABEL STREQUAL "no_caf")
    # Costs a quarter of the build; the tests below the runtime check it.
    target_compile_options(${name} PRIVATE -fno-sanitize=alignment)
  endif()
  set(properties TIMEOUT 300)
  if(arg_LABEL)
    list(APPEND properties LABELS ${arg_LABEL})
  endif()
  catch_discover_tests(${name} PROPERTIES ${properties})
endfunction()
