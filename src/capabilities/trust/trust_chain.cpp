#include "capabilities/trust/trust_chain.h"

#include <array>

#include "base/hash_chain.h"

namespace credence::trust {
namespace {

constexpr std::string_view kLabel = "credence trust entry, 1";

// Nothing and "" are two different things.
std::string optional_text(const std::optional<std::string>& value) {
    return value ? "=" + *value : std::string();
}

template <class Enum>
std::string enum_text(Enum value) {
    return std::to_string(static_cast<int>(value));
}

}  // namespace

std::string hash_of(std::string_view tenant, const LogRecord& record) {
    const std::string id = optional_text(
        record.verification_id ? std::optional(record.verification_id->to_string()) : std::nullopt);
    const std::array numbers = {
        std::to_string(record.seq),   std::to_string(record.at_us), enum_text(record.claim_kind),
        enum_text(record.entry),      enum_text(record.outcome),    exact_text(record.strength),
        exact_text(record.novelty),   exact_text(record.weight),    exact_text(record.target),
        exact_text(record.old_score), exact_text(record.new_score)};
    const std::string verified_by = optional_text(record.verified_by);
    std::vector<std::string_view> fields = {record.previous_hash, tenant};
    fields.insert(fields.end(), numbers.begin(), numbers.end());
    fields.insert(fields.end(), {record.name_space, record.agent_id, id, record.record_digest,
                                 record.claim_digest, record.effort_digest, verified_by,
                                 record.reason, record.actor});
    return chain_hash(kLabel, fields);
}

Observation observation_of(const LogRecord& record) {
    Observation observation;
    observation.kind = record.entry;
    observation.outcome = record.outcome;
    observation.strength = record.strength;
    observation.novelty = record.novelty;
    observation.target = record.target;
    observation.at_us = record.at_us;
    return observation;
}

LogWalk::LogWalk(std::string tenant) : tenant_(std::move(tenant)), hash_(chain_start()) {}

Result<void> LogWalk::next(const LogRecord& record) {
    const std::int64_t expected = entries_ + 1;
    if (record.seq > expected) {
        return broken_log_at(expected, "the entry is missing");
    }
    if (record.seq < expected) {
        return broken_log_at(record.seq, "there is no place for this entry");
    }
    if (record.previous_hash != hash_) {
        return broken_log_at(expected, "it does not follow the entry before it");
    }
    if (record.hash != hash_of(tenant_, record)) {
        return broken_log_at(expected, "its content was changed");
    }
    entries_ = expected;
    hash_ = record.hash;
    return {};
}

Result<void> LogWalk::finish(const std::optional<LogHead>& head) const {
    const std::int64_t recorded = head ? head->seq : 0;
    if (recorded > entries_) {
        return broken_log_at(entries_ + 1, "the entry is missing");
    }
    if (recorded < entries_) {
        return broken_log_at(recorded + 1, "the head of the chain does not know this entry");
    }
    if (head && head->hash != hash_) {
        return broken_log_at(recorded, "the head of the chain knows another entry");
    }
    return {};
}

std::unexpected<Error> broken_log_at(std::int64_t seq, std::string_view reason) {
    return fail(Code::conflict, "trust chain is broken at entry " + std::to_string(seq) + ": " +
                                    std::string(reason));
}

}  // namespace credence::trust
