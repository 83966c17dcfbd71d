# What `make install` copies: headers, libraries, programs, and the package for
# find_package(weir) with the targets weir::weir and weir::actors.

if(NOT WEIR_WITH_CAF)
  return()
endif()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weir)

install(TARGETS weir weir_actors weir_web EXPORT weirTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY framework/weir DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp"
  PATTERN "private" EXCLUDE)
install(DIRECTORY actors DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(EXPORT weirTargets NAMESPACE weir:: DESTINATION ${package_dir})

configure_package_config_file(cmake/weirConfig.cmake.in ${PROJECT_BINARY_DIR}/weirConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/weirConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/weirConfig.cmake ${PROJECT_BINARY_DIR}/weirConfigVersion.cmake
  cmake/FindCAF.cmake cmake/FindxxHash.cmake
  DESTINATION ${package_dir})

install(TARGETS weir_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET review-stream)
  install(TARGETS review-stream RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY apps/review_stream/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/weir/review_stream)
endif()
