// What the operations on patterns have in common: one object per transaction.
#pragma once

#include <optional>
#include <string>

#include "capabilities/patterns/patterns.h"
#include "capabilities/patterns/patterns_rows.h"
#include "capabilities/patterns/use_rows.h"

namespace credence::patterns {

// A pattern, and who looks at it.
struct Subject {
    PatternRow row;
    Viewer viewer;
};

class Work {
public:
    Work(const PatternsParts& parts, store::Tx& tx, const Context& context)
        : parts_(parts), tx_(tx), context_(context) {}

    // The caller as this agent, which it must speak for; without one, as nobody in particular.
    Result<Viewer> viewer(const std::optional<std::string>& agent_id) const;
    // The pattern, if the viewer may do this with it.
    Result<Subject> open(const PatternRef& ref, Action action) const;
    Result<Subject> open_as(const Viewer& viewer, const PatternId& id, Action action) const;
    Pattern shown(const PatternRow& row, const Viewer& viewer) const;

    // A checked new pattern.
    Result<PatternRow> draft(const CreatePattern& request) const;
    // Checks name and quota, stores, indexes, tells.
    Result<void> insert(const PatternRow& row) const;
    // The search index follows the row.
    Result<void> index(const PatternRow& row) const;
    // May the owner have a pattern of this level? Asks trust before a pattern goes public.
    Result<void> check_level(AccessLevel level, const std::string& owner) const;
    Result<std::vector<std::string>> clean_shares(const std::vector<std::string>& agents,
                                                  AccessLevel level) const;
    // With everything that hangs on it.
    Result<void> erase(const PatternRow& row) const;

    // Statistics.
    Weights evidence_now(const PatternRow& row) const;
    void set_evidence(PatternRow& row, const Weights& evidence) const;
    Result<UseRow> record_use(PatternRow& row, const UsePattern& request) const;
    // The use gets its outcome, which then counts; statistics are stored.
    Result<void> label(PatternRow& row, UseRow& use) const;
    PatternUse shown(const UseRow& use, const PatternRow& row) const;
    // Under whose name an agent's outcomes are weighed: its owner's ("=" and the key), so that many
    // agents of one key are one voice; the agent's own where no keys tell callers apart.
    Result<std::string> voice_of(const std::string& name_space, const std::string& agent_id) const;
    // Whether the voice is that of the pattern's own owner.
    Result<bool> is_own_voice(const PatternRow& row, const std::string& name_space,
                              const std::string& voice) const;

    std::int64_t now_us() const { return parts_.clock.now_us(); }
    store::Tx& tx() const { return tx_; }
    const std::string& tenant() const { return context_.tenant; }
    bool is_admin() const { return context_.scopes.allow("patterns:admin"); }

private:
    Result<void> check_quota(const PatternRow& row) const;
    Result<UserRow> count_user(const PatternRow& row, const std::string& agent_id) const;

    const PatternsParts& parts_;
    store::Tx& tx_;
    const Context& context_;
};

// Owner's own outcomes say nothing to others.
bool is_own_use(const PatternRow& row, const std::string& name_space, const std::string& agent_id);

// What a pattern can be found by.
std::string index_text(const PatternRow& row);

}  // namespace credence::patterns
