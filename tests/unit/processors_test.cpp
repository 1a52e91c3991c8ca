// Control groups as containers see them, in a folder that stands for the root.
#include "core/processors.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using mien::detail::cpu_quota;

class Root {
 public:
  Root(const std::string& mountinfo, const std::string& cgroup) {
    write("proc/self/mountinfo", mountinfo);
    write("proc/self/cgroup", cgroup);
  }
  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  fs::path path() const { return folder_ / ""; }

 private:
  mien::test::TemporaryFolder folder_;
};

const std::string kOther = "21 1 8:1 / / rw,relatime shared:1 master:7 - ext4 /dev/vda rw\n";
const std::string kVersion2 =
    kOther + "30 21 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string kVersion1 = kOther +
                              "40 21 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                              "41 21 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                              "42 21 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

}  // namespace

TEST_CASE("version 2: the least quota of a group and those around it counts") {
  const Root root(kVersion2, "0::/outer/inner\n");
  CHECK_FALSE(cpu_quota(root.path()));
  root.write("sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  CHECK_FALSE(cpu_quota(root.path()));
  root.write("sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  CHECK(cpu_quota(root.path()) == 1.5);
  root.write("sys/fs/cgroup/outer/inner/cpu.max", "50000 100000\n");
  CHECK(cpu_quota(root.path()) == 0.5);
  root.write("sys/fs/cgroup/outer/inner/cpu.max", "800000 100000\n");
  CHECK(cpu_quota(root.path()) == 1.5);
}

TEST_CASE("version 1: the group of the controller cpu, not of cpuset") {
  const Root root(kVersion1, "9:cpuset:/set\n4:cpu,cpuacct:/box\n0::/\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cpu_quota(root.path()));
  root.write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "300000\n");
  CHECK(cpu_quota(root.path()) == 3.0);
}

TEST_CASE("in a container the tree is mounted from the container's group on") {
  // Without a namespace of its own a process reads its group as the host sees it.
  const std::string mount = "42 21 0:32 /docker/12ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n";
  for (const std::string group : {"/docker/12ab", "/docker/12ab/", "/"}) {
    const Root root(mount, "4:cpu:" + group + "\n");
    root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
    root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "50000\n");
    INFO(group);
    CHECK(cpu_quota(root.path()) == 2.0);
  }
  const Root outside(kVersion2, "0::/../../elsewhere\n");  // seen from another namespace
  outside.write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  CHECK(cpu_quota(outside.path()) == 1.0);
}

TEST_CASE("a group whose name begins like the mounted one's is another group") {
  const Root root("42 21 0:32 /docker/12 /cpu ro - cgroup cgroup rw,cpu\n", "4:cpu:/docker/12ab/x\n");
  root.write("cpu/ab/x/cpu.cfs_quota_us", "100000\n");
  root.write("cpu/ab/x/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(cpu_quota(root.path()));
}

TEST_CASE("names with blanks are read as the system escapes them") {
  const Root root("42 21 0:32 /my\\040box /sys/my\\040groups ro - cgroup2 none rw\n", "0::/my box/inner\n");
  root.write("sys/my groups/inner/cpu.max", "100000 50000\n");
  CHECK(cpu_quota(root.path()) == 2.0);
}

TEST_CASE("where nothing is known of control groups nothing bounds") {
  CHECK_FALSE(cpu_quota("/nonexistent"));
  // A quota lies wherever a wrong reading might look.
  const auto quota_of = [](const std::string& mountinfo, const std::string& cgroup) {
    const Root root(mountinfo, cgroup);
    for (const char* folder : {"", "sys/fs/cgroup/", "e/", "2/", "colons/", "sys/fs/cgroup/colons/"}) {
      root.write(std::string(folder) + "cpu.max", "100000 100000\n");
    }
    return cpu_quota(root.path());
  };
  REQUIRE(quota_of(kVersion2, "0::/\n") == 1.0);
  for (const std::string mountinfo : {"", "1 2\n", "- - - - -\n", "a b c d e - cgroup2\n"}) {
    CHECK_FALSE(quota_of(mountinfo, "0::/\n"));
  }
  CHECK_FALSE(quota_of(kVersion2, ""));
  CHECK_FALSE(quota_of(kVersion2, "no colons\n:cpuset:/\n"));
  const Root damaged(kVersion2, "0::/\n");
  for (const std::string quota : {"", "100000", "0 0", "-5 100000", "x 1"}) {
    damaged.write("sys/fs/cgroup/cpu.max", quota);
    CHECK_FALSE(cpu_quota(damaged.path()));
  }
  CHECK(mien::detail::usable_processors() >= 1);
}
