# Finds standalone Asio, which brings no CMake package of its own; some distributions of it add one under this name.
# Makes asio::asio. ASIO_INCLUDE_DIR: the folder of asio.hpp.
find_package(asio QUIET CONFIG)
if(TARGET asio::asio)
  set(asio_FOUND TRUE)
  return()
endif()
find_path(ASIO_INCLUDE_DIR asio.hpp)
mark_as_advanced(ASIO_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(asio REQUIRED_VARS ASIO_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libasio-dev, the standalone Asio, or set ASIO_INCLUDE_DIR.")
if(asio_FOUND)
  add_library(asio::asio INTERFACE IMPORTED)
  target_include_directories(asio::asio INTERFACE ${ASIO_INCLUDE_DIR})
endif()
