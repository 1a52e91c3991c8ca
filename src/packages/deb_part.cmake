# What of a whole installation below /usr goes into one Debian package. Run by CPack, with
#   part, package    the component and its package
#   build, source    the folders of these names
# and as every install script with CMAKE_INSTALL_PREFIX. A file that is in no part is an error.

set(patterns_deb_programs "bin/.*|share/man/.*|share/bash-completion/.*|share/zsh/.*|share/doc/mien/CHANGELOG\\.md")
set(patterns_deb_models "share/mien/.*")
set(patterns_deb_library "lib/.*\\.so\\..*")
set(patterns_deb_development "include/.*|lib/.*\\.(so|a|cmake|pc)")
set(patterns_left_out "share/doc/mien/LICENSE")  # each package has it as its copyright

set(staged "${build}/packages/staged")
file(REMOVE_RECURSE "${staged}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env "DESTDIR=${staged}"
                        "${CMAKE_COMMAND}" --install "${build}" --prefix /usr --strip
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE files RELATIVE "${staged}/usr" "${staged}/usr/*")
foreach(file IN LISTS files)
  set(found "")
  foreach(candidate deb_programs deb_models deb_library deb_development left_out)
    if(file MATCHES "^(${patterns_${candidate}})$")
      list(APPEND found ${candidate})
    endif()
  endforeach()
  list(LENGTH found count)
  if(NOT count EQUAL 1)
    message(FATAL_ERROR "/usr/${file} is in ${count} packages: ${found}")
  elseif(found STREQUAL part)
    get_filename_component(folder "${file}" DIRECTORY)
    file(INSTALL "${staged}/usr/${file}" DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}" USE_SOURCE_PERMISSIONS
         MESSAGE_NEVER)
  endif()
endforeach()
file(INSTALL "${source}/LICENSE" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/doc/${package}" RENAME copyright)
file(REMOVE_RECURSE "${staged}")
