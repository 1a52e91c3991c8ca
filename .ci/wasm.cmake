# Builds WebAssembly with Debian's emscripten, and runs what was built with Node. Eigen and stb are headers, which any
# processor's build may use, so that packages are looked for outside of emscripten's own folders, too.
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
list(APPEND CMAKE_PREFIX_PATH /usr)
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
# Browsers since 2021 to 2023 have both: Chrome 95, Firefox 100, Safari 16.4.
set(CMAKE_CXX_FLAGS_INIT "-msimd128 -fwasm-exceptions")
