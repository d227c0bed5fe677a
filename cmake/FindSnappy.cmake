# Finds Snappy with its C interface, of which there are CMake packages by several names, or none. Makes Snappy::snappy.
# SNAPPY_INCLUDE_DIR: the folder of snappy-c.h; SNAPPY_LIBRARY: the library.
find_path(SNAPPY_INCLUDE_DIR snappy-c.h)
find_library(SNAPPY_LIBRARY snappy)
mark_as_advanced(SNAPPY_INCLUDE_DIR SNAPPY_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Snappy REQUIRED_VARS SNAPPY_LIBRARY SNAPPY_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libsnappy-dev, or set SNAPPY_INCLUDE_DIR and SNAPPY_LIBRARY.")
if(Snappy_FOUND AND NOT TARGET Snappy::snappy)
  add_library(Snappy::snappy UNKNOWN IMPORTED)
  set_target_properties(Snappy::snappy PROPERTIES IMPORTED_LOCATION "${SNAPPY_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${SNAPPY_INCLUDE_DIR}")
endif()
