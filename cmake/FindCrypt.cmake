# Finds libcrypt, which is a part of the C library in some systems. Makes Crypt::Crypt.
# CRYPT_INCLUDE_DIR: the folder of crypt.h; CRYPT_LIBRARY: the library, if it is one.
find_path(CRYPT_INCLUDE_DIR crypt.h)
find_library(CRYPT_LIBRARY crypt)
mark_as_advanced(CRYPT_INCLUDE_DIR CRYPT_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Crypt REQUIRED_VARS CRYPT_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libcrypt-dev, or set CRYPT_INCLUDE_DIR and CRYPT_LIBRARY.")
if(Crypt_FOUND AND NOT TARGET Crypt::Crypt)
  add_library(Crypt::Crypt INTERFACE IMPORTED)
  target_include_directories(Crypt::Crypt INTERFACE ${CRYPT_INCLUDE_DIR})
  if(CRYPT_LIBRARY)
    target_link_libraries(Crypt::Crypt INTERFACE ${CRYPT_LIBRARY})
  endif()
endif()
