# Finds protozero, which brings no CMake package of its own. Makes protozero::protozero.
# PROTOZERO_INCLUDE_DIR: the folder of protozero/version.hpp.
find_path(PROTOZERO_INCLUDE_DIR protozero/version.hpp)
mark_as_advanced(PROTOZERO_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(protozero REQUIRED_VARS PROTOZERO_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libprotozero-dev, or set PROTOZERO_INCLUDE_DIR.")
if(protozero_FOUND AND NOT TARGET protozero::protozero)
  add_library(protozero::protozero INTERFACE IMPORTED)
  target_include_directories(protozero::protozero INTERFACE ${PROTOZERO_INCLUDE_DIR})
endif()
