# What `cmake --install` puts where. Users need a C++20 compiler, and neither Eigen nor stb.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mien)
install(TARGETS mien mien_runtime mien_kernels EXPORT mien-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT mien-targets NAMESPACE mien:: DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/mien DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(mien-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/mien-config.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/mien-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mien-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/mien-config-version.cmake
        DESTINATION ${package_folder})

# For build systems other than CMake. Says where it is relative to itself, so the folder may be moved.
set(from_pc_to_prefix ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
string(REGEX REPLACE "[^/]+" ".." from_pc_to_prefix "${from_pc_to_prefix}")
set(pc_webp "")
if(MIEN_WEBP)
  set(pc_webp " -lwebp")
endif()
configure_file(mien.pc.in ${CMAKE_CURRENT_BINARY_DIR}/mien.pc @ONLY)
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mien.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
