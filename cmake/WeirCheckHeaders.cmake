# Target check-headers: every header of ours compiles alone.
#
# One source per header that includes nothing else, written into the build
# folder and only parsed (-fsyntax-only): no object is produced, no code made.

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
  ${PROJECT_SOURCE_DIR}/framework/*.hpp ${PROJECT_SOURCE_DIR}/actors/*.hpp ${PROJECT_SOURCE_DIR}/apps/*.hpp)
