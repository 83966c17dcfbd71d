# weir_web: a small static library that holds the dashboard page (see web/), as
# <weir/observe/web_assets.hpp> shows it. Of its own, so that work on the page
# does not rebuild the rest.
#
# WEIR_WEB  AUTO  with the page where Node.js >= 18 and npm are found; where its
#                 packages cannot be fetched, without it, and with a warning
#           ON    a page that cannot be built is an error
#           OFF   without the page; needs no Node.js
#
# The built page is in web-dist of the build folder. npm's packages are fetched
# once per change of web/package-lock.json, for all build folders together.

set(WEIR_WEB AUTO CACHE STRING "Build the dashboard page into the programs: AUTO, ON or OFF")
set_property(CACHE WEIR_WEB PROPERTY STRINGS AUTO ON OFF)

set(with_page OFF)
if(WEIR_WEB)
  find_program(WEIR_NODE NAMES node nodejs)
  find_program(WEIR_NPM npm)
  mark_as_advanced(WEIR_NODE WEIR_NPM)
  set(why_not "Node.js and npm are not found")
  if(WEIR_NODE AND WEIR_NPM)
    execute_process(COMMAND ${WEIR_NODE} --version OUTPUT_VARIABLE node_version ERROR_QUIET
      OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(node_version MATCHES "^v([0-9]+)" AND CMAKE_MATCH_1 GREATER_EQUAL 18)
      set(with_page ON)
    else()
      set(why_not "Node.js ${node_version} is older than 18")
    endif()
  endif()
  if(NOT with_page)
    set(message "the dashboard page is left out: ${why_not}. Install the packages nodejs and npm to have it")
    if(WEIR_WEB STREQUAL "AUTO")
      message(STATUS "Weir: ${message}")
    else()
      message(FATAL_ERROR "${message}, or set WEIR_WEB=OFF")
    endif()
  endif()
endif()

set(table ${PROJECT_BINARY_DIR}/web_assets.cpp)
set(embed ${PROJECT_SOURCE_DIR}/cmake/WeirWebEmbed.cmake)
set(dist ${PROJECT_BINARY_DIR}/web-dist)
set(arguments -D "DIST=${dist}" -D "OUTPUT=${table}")
set(page_sources)
if(with_page)
  set(web ${PROJECT_SOURCE_DIR}/web)
  file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)
  list(APPEND page_sources
    ${web}/index.html ${web}/package.json ${web}/package-lock.json ${web}/vite.config.ts ${web}/build.mjs ${web}/node18.mjs)
  list(APPEND arguments -D "WEB=${web}" -D "NODE=${WEIR_NODE}" -D "NPM=${WEIR_NPM}" -D "REQUIRED=${WEIR_WEB}")
endif()
add_custom_command(OUTPUT ${table}
  COMMAND ${CMAKE_COMMAND} ${arguments} -P ${embed}
  DEPENDS ${embed} ${page_sources}
  COMMENT "Building the dashboard page" VERBATIM)

add_library(weir_web STATIC ${table})
add_library(weir::weir_web ALIAS weir_web)
target_include_directories(weir_web PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/framework> $<INSTALL_INTERFACE:include>)
target_compile_features(weir_web PUBLIC cxx_std_20)
target_link_libraries(weir_web PRIVATE $<BUILD_INTERFACE:weir_flags>)
