# embed_files(TARGET NAME "FILES"): compile the files into TARGET as
#   const struct embedded_file NAME[]  — path (relative to the source tree), text (zero-terminated), length; ends with a NULL path
# (declared in support/embedded.h).
function(embed_files target name files)
  set(output ${CMAKE_BINARY_DIR}/embedded/${name}.c)
  list(TRANSFORM files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DROOT=${CMAKE_SOURCE_DIR} "-DFILES=${files}" -DOUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/tools/cmake/embed_script.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/tools/cmake/embed_script.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
