"""Builds the source tree it lies in, without the programs:  conan create src/packages/conan  (Conan 2)"""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd, stdcpp_library
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir


class MienConan(ConanFile):
    name = "mien"
    description = "A small deep-learning framework, and a runtime that finds faces and reads their expressions"
    license = "MIT"
    topics = ("deep-learning", "facial-expressions")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False], "webp": [True, False]}
    default_options = {"shared": False, "fPIC": True, "webp": False}
    implements = ["auto_shared_fpic"]

    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        text = load(self, os.path.join(self._root(), "CMakeLists.txt"))
        self.version = re.search(r"project\(mien VERSION ([0-9.]+)", text).group(1)

    def export_sources(self):
        for name in ("CMakeLists.txt", "LICENSE", "CHANGELOG.md"):
            copy(self, name, self._root(), self.export_sources_folder)
        for name in ("include", "src", "data"):
            copy(self, "*", os.path.join(self._root(), name), os.path.join(self.export_sources_folder, name))

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("eigen/3.4.0")
        self.requires("stb/cci.20230920")
        if self.options.webp:
            self.requires("libwebp/1.3.2")

    def validate(self):
        check_min_cppstd(self, 20)
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("mien is for Linux")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.variables["MIEN_BUILD_APPS"] = False
        toolchain.variables["MIEN_WEBP"] = bool(self.options.webp)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        for folder in ("cmake", "pkgconfig"):  # Conan writes its own
            rmdir(self, os.path.join(self.package_folder, "lib", folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "mien")
        parts = [("runtime", "mien-runtime", ["mien_runtime"], []),
                 ("eval", "mien-eval", ["mien_eval"], ["runtime"]),
                 ("mien", "mien", ["mien"], ["eval"]),
                 ("c", "mien-c", [], ["runtime"])]  # mien/c.h, for C compilers
        for name, package, libraries, needs in parts:
            part = self.cpp_info.components[name]
            part.set_property("cmake_target_name", "mien::" + name)
            part.set_property("pkg_config_name", package)
            part.libs = libraries
            part.requires = list(needs)
        runtime = self.cpp_info.components["runtime"]
        runtime.system_libs = ["pthread", "dl", "m"]
        runtime.requires += ["eigen::eigen", "stb::stb"]
        if self.options.webp:
            runtime.requires.append("libwebp::libwebp")
        if not self.options.shared:
            runtime.libs.append("mien_kernels")
            self.cpp_info.components["c"].system_libs = [stdcpp_library(self), "m"]  # a C compiler adds neither
