#include "capabilities/trust/evidence/key_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"

namespace credence::trust {
namespace {

class KeyFolderTest : public ::testing::Test {
protected:
    void SetUp() override {
        base_ = (std::filesystem::temp_directory_path() / "keys_XXXXXX").string();
        ASSERT_NE(::mkdtemp(base_.data()), nullptr);
        path_ = base_ + "/keys";
    }
    void TearDown() override { std::filesystem::remove_all(base_); }

    static unsigned mode_of(const std::string& path) {
        struct stat about{};
        EXPECT_EQ(::lstat(path.c_str(), &about), 0);
        return about.st_mode & 07777U;
    }
    std::string file() const { return path_ + "/" + key_.id() + ".ed25519"; }
    // As a process started later sees it.
    Code code_of_fresh_find() const {
        const auto found = KeyFolder(path_).find(key_.id());
        EXPECT_FALSE(found.has_value());
        return found ? Code::internal : found.error().code;
    }
    void overwrite(const std::string& text) const {
        std::ofstream(file(), std::ios::trunc) << text;
    }

    SeededRandom random_{11};
    SigningKey key_ = SigningKey::make(random_);
    std::string base_;
    std::string path_;
};

TEST_F(KeyFolderTest, KeepsKeysForItsOwnerAlone) {
    KeyFolder folder(path_);
    ASSERT_TRUE(folder.keep(key_).has_value());
    EXPECT_EQ(mode_of(path_), 0700U);
    EXPECT_EQ(mode_of(file()), 0600U);
    EXPECT_EQ(folder.find(key_.id())->public_key(), key_.public_key());
    const auto later = KeyFolder(path_).find(key_.id());
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(later->sign("x"), key_.sign("x"));
    EXPECT_EQ(folder.keep(key_).error().code, Code::conflict);
    EXPECT_EQ(KeyFolder(path_).keep(key_).error().code, Code::conflict);
}

TEST_F(KeyFolderTest, RefusesOpenOrDamagedFiles) {
    ASSERT_TRUE(KeyFolder(path_).keep(key_).has_value());
    ASSERT_EQ(::chmod(file().c_str(), 0640), 0);
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    ASSERT_EQ(::chmod(file().c_str(), 0600), 0);
    overwrite("rubbish");
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    overwrite(to_base64("too short"));
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    overwrite(to_base64(SigningKey::make(random_).seed().reveal()));  // another key
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    ASSERT_TRUE(std::filesystem::remove(file()));
    std::filesystem::create_symlink("/dev/zero", file());
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    ASSERT_TRUE(std::filesystem::remove(file()));
    EXPECT_EQ(code_of_fresh_find(), Code::unavailable);
    EXPECT_FALSE(KeyFolder(path_).find("../../etc/passwd").has_value());
}

TEST_F(KeyFolderTest, RefusesAFolderThatOthersRead) {
    ASSERT_EQ(::mkdir(path_.c_str(), 0755), 0);
    EXPECT_EQ(KeyFolder(path_).keep(key_).error().code, Code::unavailable);
    EXPECT_EQ(KeyFolder(base_ + "/no/such").keep(key_).error().code, Code::unavailable);
}

TEST_F(KeyFolderTest, Forgets) {
    KeyFolder folder(path_);
    ASSERT_TRUE(folder.keep(key_).has_value());
    folder.forget(key_.id());
    EXPECT_FALSE(std::filesystem::exists(file()));
    EXPECT_FALSE(folder.find(key_.id()).has_value());
    folder.forget(key_.id());
}

TEST_F(KeyFolderTest, KeepsInMemoryWithoutAFolder) {
    KeyFolder folder{std::string()};
    ASSERT_TRUE(folder.keep(key_).has_value());
    EXPECT_EQ(folder.find(key_.id())->id(), key_.id());
    EXPECT_EQ(folder.find(std::string(32, '0')).error().code, Code::unavailable);
}

}  // namespace
}  // namespace credence::trust
