from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.gnu import PkgConfigDeps


class MetlogConan(ConanFile):
    name = "metlog"
    version = "0.1.0"
    description = "Logging and metrics engine that proves what it delivered"
    license = "Apache-2.0"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": True}
    exports_sources = "CMakeLists.txt", "core/*", "senders/*", "tools/*", "LICENSE"

    def requirements(self):
        self.requires("abseil/[>=20220623]", transitive_headers=True, transitive_libs=True)
        self.requires("cli11/[>=2.1]")
        self.requires("concurrentqueue/[>=1.0.3]")
        self.requires("cpp-httplib/[>=0.11]")
        self.requires("fmt/[>=9.1]")
        self.requires("re2/[>=20220601]")
        self.requires("simdjson/[>=3.0]")
        self.requires("tomlplusplus/[>=3.3]")
        self.requires("zeromq/[>=4.3]")

    def build_requirements(self):
        self.test_requires("gtest/[>=1.12]")
        self.test_requires("benchmark/[>=1.7]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.variables["METLOG_SHARED"] = bool(self.options.shared)
        toolchain.variables["METLOG_BUILD_TESTS"] = False
        toolchain.variables["METLOG_BUILD_BENCH"] = False
        toolchain.variables["METLOG_BUILD_EXAMPLES"] = False
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        self.cpp_info.libs = ["metlog"]
        self.cpp_info.requires = [
            "abseil::absl_status", "abseil::absl_statusor", "fmt::fmt", "zeromq::zeromq",
            "concurrentqueue::concurrentqueue", "re2::re2", "cpp-httplib::cpp-httplib", "simdjson::simdjson",
            "tomlplusplus::tomlplusplus", "cli11::cli11",
        ]
        self.cpp_info.set_property("cmake_file_name", "metlog")
        self.cpp_info.set_property("cmake_target_name", "metlog::metlog")
