// For tests: sessions and the log on a store of its own, with key, mask and ledger.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/metrics.h"
#include "capabilities/skills/record/query_mask.h"
#include "capabilities/skills/record/sessions.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/record/users.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {

class RecordFixture : public ::testing::Test {
protected:
    void SetUp() override;

    Context context(const std::string& name_space = "default",
                    const std::string& tenant = "default") const;
    // A session of user "alice", unless told otherwise.
    std::string session(const std::string& id, std::optional<std::string> user = "alice");
    TrackInvocation use(const std::string& session_id, const std::string& skill_name,
                        bool completed = true, std::optional<double> seconds = std::nullopt) const;
    std::int64_t track(const TrackInvocation& request);
    SkillMetrics metrics(const std::string& skill_name);
    // The cells of all rows, joined by '|', a line each.
    std::string rows_of(const std::string& sql);
    void run_sql(const std::string& sql);
    std::vector<std::string> event_bodies();

    SkillsStore store_;
    SkillsSettings settings_;
    QueryMask mask_{settings_};
    std::unique_ptr<UserNames> names_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<SkillsParts> parts_;
    std::vector<std::string> erased_;  // "tenant/hash", as others were told
    std::unique_ptr<Skills> skills_;
};

// The code and field of a failed result, "code at field".
template <class T>
std::string fault_of(const Result<T>& result) {
    if (result) {
        return "none";
    }
    return std::string(to_string(result.error().code)) + " at " + result.error().field;
}

}  // namespace credence::skills
