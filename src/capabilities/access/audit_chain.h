// The chain that makes tampering with the audit trail visible. Pure.
//
// Each entry's hash covers its own fields and the hash of the entry before it. Changing, removing,
// reordering or inserting an entry breaks the chain at that place; the head, kept apart, tells when
// the newest entries are gone. Whoever can write the whole database can also compute a new chain:
// against that, note the head's hash elsewhere from time to time and give it as `anchor`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash_chain.h"
#include "base/result.h"
#include "base/shape.h"

namespace credence::access {

struct AuditRecord {
    std::int64_t seq = 0;  // 1, 2, 3, … per tenant
    std::int64_t at_us = 0;
    std::string actor;
    std::string name_space;
    std::string operation;
    std::string outcome;
    std::string request_digest;
    std::string request_id;
    std::string surface;
    std::string previous_hash;  // of entry seq - 1; chain_start() for the first
    std::string hash;
};
void describe(Describe<AuditRecord>&);

struct AuditHead {
    std::int64_t seq = 0;
    std::string hash;
};

// SHA-256 as hex over a label and every field but `hash`, each preceded by its length in eight
// bytes (big-endian), so that no two different entries have the same encoding.
std::string hash_of(std::string_view tenant, const AuditRecord& record);

// Walks a chain from its start. Not thread-safe.
class ChainWalk {
public:
    explicit ChainWalk(std::string tenant) : tenant_(std::move(tenant)), hash_(chain_start()) {}

    // Code::conflict "audit chain is broken at entry 17: …" unless this is the entry that follows.
    Result<void> next(const AuditRecord& record);
    // After the last entry: is it the one the head tells of?
    Result<void> finish(const std::optional<AuditHead>& head) const;

    std::int64_t entries() const { return entries_; }
    const std::string& hash() const { return hash_; }

private:
    const std::string tenant_;
    std::int64_t entries_ = 0;
    std::string hash_;
};

// The error of a broken chain.
std::unexpected<Error> broken_at(std::int64_t seq, std::string_view reason);

}  // namespace credence::access
