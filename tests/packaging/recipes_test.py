"""Holds the recipes of vcpkg and Conan against what these take, as far as that goes without them: names of fields,
functions and methods, and the version and options of CMakeLists.txt.

    python3 recipes_test.py SOURCE_FOLDER
"""
import ast
import json
import pathlib
import re
import sys

# The manifest's reference of vcpkg, and the recipe's of Conan 2.
VCPKG_FIELDS = {"name", "version", "description", "license", "supports", "dependencies", "features", "homepage",
                "default-features", "port-version", "documentation", "maintainers"}
VCPKG_DEPENDENCY = {"name", "host", "default-features", "features", "platform", "version>="}
VCPKG_FUNCTIONS = {"vcpkg_check_features", "vcpkg_cmake_configure", "vcpkg_cmake_install", "vcpkg_cmake_config_fixup",
                   "vcpkg_fixup_pkgconfig", "vcpkg_install_copyright", "file", "get_filename_component"}
CONAN_ATTRIBUTES = {"name", "version", "description", "license", "topics", "package_type", "settings", "options",
                    "default_options", "implements", "homepage", "url", "author", "languages"}
CONAN_METHODS = {"set_name", "set_version", "export", "export_sources", "config_options", "configure", "layout",
                 "requirements", "build_requirements", "validate", "source", "generate", "build", "package",
                 "package_id", "package_info", "test"}


def expect(condition, message):
    if not condition:
        sys.exit(message)


def check_vcpkg(folder, version, options):
    manifest = json.loads((folder / "vcpkg.json").read_text())
    expect(set(manifest) <= VCPKG_FIELDS, f"vcpkg.json: {set(manifest) - VCPKG_FIELDS}")
    expect(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", manifest["name"]), "vcpkg.json: name")
    expect(manifest["version"] == version, f"vcpkg.json: version {manifest['version']}, CMakeLists.txt has {version}")
    parts = [manifest, *manifest["features"].values()]
    for dependency in (d for part in parts for d in part.get("dependencies", [])):
        expect(isinstance(dependency, str) or set(dependency) <= VCPKG_DEPENDENCY, f"vcpkg.json: {dependency}")
    for name, feature in manifest["features"].items():
        expect(set(feature) <= {"description", "dependencies", "supports", "license"}, f"vcpkg.json: feature {name}")
    port = re.sub("#[^\n]*", "", (folder / "portfile.cmake").read_text())
    called = set(re.findall(r"^\s*([a-z_]+)\(", port, re.M))
    expect(called <= VCPKG_FUNCTIONS, f"portfile.cmake: {called - VCPKG_FUNCTIONS}")
    expect(set(re.findall("MIEN_[A-Z_]+", port)) <= options, "portfile.cmake: an option that CMakeLists.txt lacks")
    for feature in re.findall(r"FEATURES ([a-z]+)", port):
        expect(feature in manifest["features"], f"portfile.cmake: feature {feature}")


def check_conan(file, options, pkg_config_names):
    text = file.read_text()
    for name in pkg_config_names:
        expect(f'"{name}"' in text, f"conanfile.py: no component gives pkg-config {name}")
    recipe = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    expect(len(recipe) == 1 and recipe[0].bases[0].id == "ConanFile", "conanfile.py: one class, a ConanFile")
    for node in recipe[0].body:
        if isinstance(node, ast.Assign):
            expect(node.targets[0].id in CONAN_ATTRIBUTES, f"conanfile.py: {node.targets[0].id}")
        elif isinstance(node, ast.FunctionDef):
            expect(node.name in CONAN_METHODS or node.name.startswith("_"), f"conanfile.py: {node.name}")
    expect(set(re.findall("MIEN_[A-Z_]+", text)) <= options, "conanfile.py: an option that CMakeLists.txt lacks")


root = pathlib.Path(sys.argv[1])
cmake = (root / "CMakeLists.txt").read_text()
known_options = set(re.findall(r"option\((MIEN_[A-Z_]+)", cmake))
check_vcpkg(root / "src/packages/vcpkg", re.search(r"project\(mien VERSION ([0-9.]+)", cmake).group(1), known_options)
check_conan(root / "src/packages/conan/conanfile.py", known_options,
            [file.name.removesuffix(".pc.in") for file in (root / "src").glob("*.pc.in")])
