# What CPack makes Debian packages of: `cmake --workflow --preset deb`, on Debian with dpkg-dev and file. Each package is
# a part of what `cmake --install` puts below /usr; deb_part.cmake says which.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the mien maintainers <maintainers@mien.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL deb_programs deb_models deb_library deb_development)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# The shared libraries' version is in the name of their package, so that two of them can be installed.
set(library_package libmien${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(same_version "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

# deb_package(COMPONENT PACKAGE SECTION SUMMARY TEXT DEPENDS)
macro(deb_package component package section summary text depends)
  string(TOUPPER ${component} name)
  set(CPACK_DEBIAN_${name}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${name}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${name}_DESCRIPTION "${summary}\n${text}")
  set(CPACK_DEBIAN_${name}_PACKAGE_DEPENDS "${depends}")
  install(CODE "set(part ${component})\nset(package ${package})\nset(build \"${PROJECT_BINARY_DIR}\")
                set(source \"${PROJECT_SOURCE_DIR}\")\ninclude(\"${PROJECT_SOURCE_DIR}/src/packages/deb_part.cmake\")"
          COMPONENT ${component} EXCLUDE_FROM_ALL)
endmacro()

deb_package(deb_programs mien science "reads and learns facial expressions"
  "ferpredict finds faces in photos, streams or before a camera, reads their\nexpressions and offers emoticons. \
fertrain trains the networks that do."
  "${library_package} ${same_version}, mien-models ${same_version}")
deb_package(deb_models mien-models science "networks that find faces and read their expressions"
  "Trained weights for ferpredict and for programs that use libmien." "")
deb_package(deb_library ${library_package} libs "small deep-learning framework, shared libraries"
  "Tensors, differentiation, layers, training, and a runtime that finds faces and\nreads their expressions, for C++ \
and C." "")
deb_package(deb_development libmien-dev libdevel "small deep-learning framework, development files"
  "Headers for C++ and C, and what find_package and pkg-config need."
  "${library_package} ${same_version}")
set(CPACK_DEBIAN_DEB_LIBRARY_PACKAGE_RECOMMENDS "mien-models")
set(CPACK_DEBIAN_DEB_DEVELOPMENT_PACKAGE_RECOMMENDS "g++")
set(CPACK_DEBIAN_DEB_PROGRAMS_PACKAGE_SUGGESTS "opencv-data")
set(CPACK_DEBIAN_DEB_MODELS_PACKAGE_ARCHITECTURE all)

# What they link to, by dpkg-shlibdeps, which finds our own libraries where they were built.
foreach(component DEB_PROGRAMS DEB_LIBRARY)
  set(CPACK_DEBIAN_${component}_PACKAGE_SHLIBDEPS ON)
endforeach()
# And for packages of others that link to ours.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_DEB_LIBRARY_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_BINARY_DIR}/triggers)

include(CPack)
