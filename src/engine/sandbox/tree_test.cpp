#include "engine/sandbox/tree.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/text.h"
#include "engine/sandbox/sandbox_test_support.h"

namespace credence::sandbox {
namespace {

namespace files = std::filesystem;

void fill(const TestFolder& folder) {
    folder.write("a.txt", "alpha");
    folder.write("b/c.txt", "gamma");
    folder.write("b/run.sh", "#!", 0755);
    files::create_symlink("a.txt", folder.path() + "/link");
}

std::string digest_of(const TestFolder& folder) {
    return tree_digest(folder.path(), {}).value();
}

TEST(Tree, TheDigestIsStable) {
    const TestFolder one;
    const TestFolder two;
    fill(one);
    fill(two);
    EXPECT_EQ(digest_of(one), digest_of(two));
    EXPECT_TRUE(digest_of(one).starts_with("sha256:"));
    EXPECT_EQ(digest_of(one).size(), 7U + 64U);
    // Times, owners and what git keeps do not count; other modes than executable neither.
    files::last_write_time(two.path() + "/a.txt", files::file_time_type());
    files::permissions(two.path() + "/a.txt", files::perms::owner_read);
    two.write(".git/HEAD", "ref");
    EXPECT_EQ(digest_of(one), digest_of(two));
}

TEST(Tree, EveryChangeChangesTheDigest) {
    const TestFolder original;
    fill(original);
    const std::string before = digest_of(original);
    const std::vector<std::function<void(const TestFolder&)>> changes{
        [](const TestFolder& f) { f.write("a.txt", "alphb"); },
        [](const TestFolder& f) { f.write("new", ""); },
        [](const TestFolder& f) { files::create_directory(f.path() + "/empty"); },
        [](const TestFolder& f) { f.write("a.txt", "alpha", 0755); },
        [](const TestFolder& f) { files::rename(f.path() + "/a.txt", f.path() + "/A.txt"); },
        [](const TestFolder& f) { files::rename(f.path() + "/a.txt", f.path() + "/b/a.txt"); },
        [](const TestFolder& f) { files::remove(f.path() + "/b/c.txt"); },
        [](const TestFolder& f) {
            files::remove(f.path() + "/link");
            f.write("link", "a.txt");
        },
        [](const TestFolder& f) {
            files::remove(f.path() + "/link");
            files::create_symlink("b/c.txt", f.path() + "/link");
        },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const TestFolder changed;
        fill(changed);
        ASSERT_EQ(digest_of(changed), before);
        changes[i](changed);
        EXPECT_NE(digest_of(changed), before) << i;
    }
}

TEST(Tree, ASnapshotIsAPrivateCopyWithTheSameDigest) {
    const TestFolder folder;
    fill(folder);
    folder.write(".git/config", "hidden");
    folder.write("secret.txt", "only mine", 0600);
    std::string path;
    {
        const auto snapshot = snapshot_tree(folder.path(), {}, {});
        ASSERT_TRUE(snapshot);
        path = snapshot->path();
        EXPECT_EQ(snapshot->digest, digest_of(folder));
        EXPECT_EQ(tree_digest(path, {}).value(), snapshot->digest);
        EXPECT_EQ(snapshot->files, 6);
        EXPECT_EQ(snapshot->bytes, 26);
        EXPECT_FALSE(files::exists(path + "/.git"));
        EXPECT_EQ(files::read_symlink(path + "/link"), "a.txt");
        struct stat status{};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0700U);
        ASSERT_EQ(::stat((path + "/secret.txt").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0644U);
        EXPECT_EQ(status.st_uid,
                  ::geteuid() == 0 ? SandboxSettings().user_id : std::int64_t{::geteuid()});
        folder.write("a.txt", "changed afterwards");
        EXPECT_EQ(read_file(path + "/a.txt", 100).value(), "alpha");
    }
    EXPECT_FALSE(files::exists(path));
}

TEST(Tree, ASnapshotMoves) {
    const TestFolder folder;
    fill(folder);
    TreeSnapshot first = snapshot_tree(folder.path(), {}, {}).value();
    const std::string path = first.path();
    TreeSnapshot second(std::move(first));
    TreeSnapshot third;
    third = std::move(second);
    EXPECT_EQ(third.path(), path);
    EXPECT_EQ(third.digest, digest_of(folder));
    EXPECT_TRUE(files::exists(path));
}

TEST(Tree, SpecialFilesAreRefused) {
    const TestFolder with_pipe;
    ASSERT_EQ(::mkfifo((with_pipe.path() + "/pipe").c_str(), 0600), 0);
    const TestFolder with_socket;
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (with_socket.path() + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(socket);
    for (const auto& [folder, name] : {std::pair{&with_pipe, "pipe"}, {&with_socket, "socket"}}) {
        const auto refused = snapshot_tree(folder->path(), {}, {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::invalid);
        EXPECT_EQ(refused.error().field, name);
        EXPECT_EQ(tree_digest(folder->path(), {}).error().code, Code::invalid);
    }
    EXPECT_EQ(tree_digest("/dev/zero", {}).error().code, Code::invalid);
}

TEST(Tree, LimitsAreKept) {
    const TestFolder folder;
    fill(folder);  // 5 entries, 17 bytes, depth 1
    EXPECT_TRUE(tree_digest(folder.path(), {.files = 5, .bytes = 17, .depth = 1}));
    for (const TreeLimits& limits :
         {TreeLimits{.files = 4}, TreeLimits{.bytes = 16}, TreeLimits{.depth = 0}}) {
        const auto refused = snapshot_tree(folder.path(), limits, {});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::too_large);
    }
}

TEST(Tree, AbsentAndWrongFolders) {
    EXPECT_EQ(snapshot_tree("/no/such/folder", {}, {}).error().code, Code::not_found);
    EXPECT_EQ(tree_digest("/no/such/folder", {}).error().code, Code::not_found);
    const TestFolder folder;
    const std::string file = folder.write("file", "abc");
    EXPECT_EQ(snapshot_tree(file, {}, {}).error().code, Code::invalid);
    EXPECT_EQ(tree_digest(file, {}).value(), "sha256:" + sha256_hex("abc"));
    EXPECT_EQ(tree_digest(file, {.bytes = 2}).error().code, Code::too_large);
    EXPECT_EQ(snapshot_tree(folder.path(), {}, {.staging = "/no/such/place/at/all"}).error().code,
              Code::unavailable);
}

TEST(Tree, StagingIsWhereTheSettingsSay) {
    const TestFolder folder;
    const TestFolder staging;
    fill(folder);
    const auto snapshot = snapshot_tree(folder.path(), {}, {.staging = staging.path() + "/made"});
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->path().starts_with(staging.path() + "/made/"));
}

using TreeRunTest = RunnerTest;
INSTANTIATE_TEST_SUITE_P(Runners, TreeRunTest, testing::Values(Runner::bubblewrap, Runner::native),
                         runner_name);

TEST_P(TreeRunTest, WhatAProgramLeftInATreeIsRemoved) {
    const TestFolder folder;
    fill(folder);
    std::string path;
    {
        const auto tree = snapshot_tree(folder.path(), {}, {});
        ASSERT_TRUE(tree);
        path = tree->path();
        Command command = python(R"(
import os
os.mkdir('closed'); open('closed/file', 'w').write('x'); os.chmod('closed', 0)
for i in range(600):
    os.mkdir('deep-folder')
    os.chdir('deep-folder')
)");
        command.tree = path;
        command.writable_tree = true;
        EXPECT_EQ(output_of(command).value_or(""), "");
    }
    EXPECT_FALSE(files::exists(path));
}

}  // namespace
}  // namespace credence::sandbox
