// For tests: the module's services on a file database of their own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "capabilities/access/access.h"
#include "capabilities/access/access_gate.h"
#include "capabilities/access/audit.h"
#include "capabilities/access/keys.h"
#include "capabilities/access/namespaces.h"
#include "capabilities/access/tenants.h"
#include "engine/store/migrate.h"
#include "engine/store/sqlite.h"

namespace credence::access {

class AccessFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

    // The schema is made once and copied: migrating waits for the disk.
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;
    void TearDown() override;

    // Runs SQL on a connection of its own, as somebody with the file could.
    void tamper(const std::string& sql) const;

    Context local() const;
    // The context the gate makes for a key.
    Context with_key(const std::string& key);
    Result<Admission> knock(const std::string& bearer, const std::string& name_space = {});

    IssuedKey make_key(const std::vector<std::string>& scopes);

    static inline std::filesystem::path template_directory_;
    std::filesystem::path directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<AccessParts> parts_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<Tenants> tenants_;
    std::unique_ptr<Namespaces> namespaces_;
    std::unique_ptr<Keys> keys_;
    std::vector<HashChain> chains_;
    std::unique_ptr<Audit> audit_;
};

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

}  // namespace credence::access
