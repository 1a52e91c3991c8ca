# Builds for 64-bit ARM with Debian's cross compiler (g++-aarch64-linux-gnu), and runs what it has built by qemu-user.
# Eigen, stb, CLI11 and Catch2 2.13 are headers, those of any architecture.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
find_program(MIEN_QEMU NAMES qemu-aarch64 qemu-aarch64-static DOC "What runs programs for 64-bit ARM")
if(MIEN_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${MIEN_QEMU};-L;/usr/aarch64-linux-gnu")
endif()
