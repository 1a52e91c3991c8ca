# What `cmake --install` puts where, in two components: `runtime` is all that predicts and measures (mien::runtime,
# mien::eval, ferpredict and its models), `training` the rest; as a part of another project they are `mien-runtime` and
# `mien-training`. Users need a C++20 compiler, and neither Eigen nor stb.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mien)
set(runtime_libraries mien_runtime mien_eval)
if(NOT BUILD_SHARED_LIBS)
  list(APPEND runtime_libraries mien_kernels)  # a shared library holds them
endif()
install(TARGETS ${runtime_libraries} EXPORT mien-runtime-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${mien_runtime_component}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${mien_runtime_component})
install(TARGETS mien EXPORT mien-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${mien_training_component}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${mien_training_component})

set(headers ${PROJECT_SOURCE_DIR}/include/mien)
set(include_folder ${CMAKE_INSTALL_INCLUDEDIR}/mien)
install(FILES ${headers}/c.h ${headers}/runtime.hpp ${headers}/eval.hpp
        DESTINATION ${include_folder} COMPONENT ${mien_runtime_component})
foreach(folder core data draw eval face image infer model reader)
  install(DIRECTORY ${headers}/${folder} DESTINATION ${include_folder} COMPONENT ${mien_runtime_component} FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES ${headers}/mien.hpp DESTINATION ${include_folder} COMPONENT ${mien_training_component})
foreach(folder autograd comm nn optim train)
  install(DIRECTORY ${headers}/${folder} DESTINATION ${include_folder} COMPONENT ${mien_training_component} FILES_MATCHING PATTERN "*.hpp")
endforeach()

# find_package, of what is installed and of the build folder. Before 1.0 a minor version may change the interface.
configure_package_config_file(mien-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/mien-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/mien-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mien-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/mien-config-version.cmake
        DESTINATION ${package_folder} COMPONENT ${mien_runtime_component})
install(EXPORT mien-runtime-targets NAMESPACE mien:: DESTINATION ${package_folder} COMPONENT ${mien_runtime_component})
install(EXPORT mien-targets NAMESPACE mien:: DESTINATION ${package_folder} COMPONENT ${mien_training_component})
export(EXPORT mien-runtime-targets NAMESPACE mien:: FILE ${CMAKE_CURRENT_BINARY_DIR}/mien-runtime-targets.cmake)
export(EXPORT mien-targets NAMESPACE mien:: FILE ${CMAKE_CURRENT_BINARY_DIR}/mien-targets.cmake)
# The build folder itself may be named, too, as CMAKE_PREFIX_PATH or mien_DIR.
file(RELATIVE_PATH from_build_folder ${PROJECT_BINARY_DIR} ${CMAKE_CURRENT_BINARY_DIR})
foreach(file mien-config mien-config-version)
  file(WRITE ${PROJECT_BINARY_DIR}/${file}.cmake
       "include(\"\${CMAKE_CURRENT_LIST_DIR}/${from_build_folder}/${file}.cmake\")\n")
endforeach()

# For build systems other than CMake. Where folders are relative to the prefix, a .pc file says where they are
# relative to itself, so that all may be moved.
set(pc_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  string(REGEX REPLACE "[^/]+" ".." from_pc_to_prefix "${pc_folder}")
  set(pc_prefix "\${pcfiledir}/${from_pc_to_prefix}")
endif()
foreach(folder LIBDIR INCLUDEDIR)
  set(pc_${folder} "${CMAKE_INSTALL_${folder}}")
  if(NOT IS_ABSOLUTE "${pc_${folder}}")
    string(PREPEND pc_${folder} "\${prefix}/")
  endif()
endforeach()
set(pc_others "-pthread")
foreach(library IN LISTS CMAKE_DL_LIBS)
  string(APPEND pc_others " -l${library}")
endforeach()
if(MIEN_WEBP)
  string(PREPEND pc_others "-lwebp ")
endif()
if(BUILD_SHARED_LIBS)
  set(pc_runtime_libraries "-lmien_runtime\nLibs.private: ${pc_others}")
else()
  set(pc_runtime_libraries "-lmien_runtime -lmien_kernels ${pc_others}")
endif()
# A C compiler does not link the C++ library by itself, which a shared library of ours names.
set(pc_c_libraries "${pc_runtime_libraries}")
if(NOT BUILD_SHARED_LIBS)
  foreach(library IN LISTS CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
    if(library MATCHES "^(stdc\\+\\+|c\\+\\+|c\\+\\+abi|m)$")
      string(APPEND pc_c_libraries " -l${library}")
    endif()
  endforeach()
endif()
foreach(package mien-c=${mien_runtime_component} mien-runtime=${mien_runtime_component} mien-eval=${mien_runtime_component} mien=${mien_training_component})
  string(REPLACE "=" ";" package ${package})
  list(POP_BACK package component)
  configure_file(${package}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${pc_folder} COMPONENT ${component})
endforeach()

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${mien_doc_folder} COMPONENT ${mien_runtime_component})
