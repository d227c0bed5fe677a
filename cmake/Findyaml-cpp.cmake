# Finds yaml-cpp by its own package, whose target has been called yaml-cpp::yaml-cpp since 0.8.
find_package(yaml-cpp QUIET CONFIG)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(yaml-cpp CONFIG_MODE)
if(yaml-cpp_FOUND AND NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  target_link_libraries(yaml-cpp::yaml-cpp INTERFACE yaml-cpp)
endif()
