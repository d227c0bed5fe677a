# Copies the tests from SOURCE to PLACE and lets NPM bring the packages that they import, unless they are there.
file(GLOB files ${SOURCE}/*.mjs)
file(COPY ${files} DESTINATION ${PLACE})
if(EXISTS ${PLACE}/package.json AND EXISTS ${PLACE}/node_modules)
  file(READ ${SOURCE}/package.json wanted)
  file(READ ${PLACE}/package.json present)
  if(wanted STREQUAL present)
    return()
  endif()
endif()
file(COPY ${SOURCE}/package.json DESTINATION ${PLACE})
execute_process(COMMAND ${NPM} install --no-audit --no-fund --ignore-scripts --no-package-lock
                WORKING_DIRECTORY ${PLACE} COMMAND_ERROR_IS_FATAL ANY)
