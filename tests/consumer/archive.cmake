# Packs what a consumer needs of SOURCE into ARCHIVE, and drops what an earlier run FETCHED from it.
file(REMOVE_RECURSE ${FETCHED})
execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf ${ARCHIVE} CMakeLists.txt cmake include WORKING_DIRECTORY ${SOURCE}
                COMMAND_ERROR_IS_FATAL ANY)
