#include "capabilities/access/audit_chain.h"

#include "base/text.h"

namespace credence::access {
namespace {

constexpr std::string_view kEntryLabel = "credence audit entry, 1";
constexpr unsigned kByteBits = 8;

void append_integer(std::string& out, std::uint64_t value) {
    for (unsigned shift = 64; shift > 0; shift -= kByteBits) {
        out += static_cast<char>((value >> (shift - kByteBits)) & 0xffU);
    }
}

void append_text(std::string& out, std::string_view text) {
    append_integer(out, text.size());
    out += text;
}

}  // namespace

std::string hash_of(std::string_view tenant, const AuditRecord& record) {
    std::string bytes;
    append_text(bytes, kEntryLabel);
    append_text(bytes, tenant);
    append_integer(bytes, static_cast<std::uint64_t>(record.seq));
    append_integer(bytes, static_cast<std::uint64_t>(record.at_us));
    for (const std::string* field :
         {&record.actor, &record.name_space, &record.operation, &record.outcome,
          &record.request_digest, &record.request_id, &record.surface, &record.previous_hash}) {
        append_text(bytes, *field);
    }
    return sha256_hex(bytes);
}

Result<void> ChainWalk::next(const AuditRecord& record) {
    const std::int64_t expected = entries_ + 1;
    if (record.seq > expected) {
        return broken_at(expected, "the entry is missing");
    }
    if (record.seq < expected) {
        return broken_at(record.seq, "there is no place for this entry");
    }
    if (record.previous_hash != hash_) {
        return broken_at(expected, "it does not follow the entry before it");
    }
    if (record.hash != hash_of(tenant_, record)) {
        return broken_at(expected, "its content was changed");
    }
    entries_ = expected;
    hash_ = record.hash;
    return {};
}

Result<void> ChainWalk::finish(const std::optional<AuditHead>& head) const {
    const std::int64_t recorded = head ? head->seq : 0;
    if (recorded > entries_) {
        return broken_at(entries_ + 1, "the entry is missing");
    }
    if (recorded < entries_) {
        return broken_at(recorded + 1, "the head of the chain does not know this entry");
    }
    if (head && head->hash != hash_) {
        return broken_at(recorded, "the head of the chain knows another entry");
    }
    return {};
}

std::unexpected<Error> broken_at(std::int64_t seq, std::string_view reason) {
    return fail(Code::conflict, "audit chain is broken at entry " + std::to_string(seq) + ": " +
                                    std::string(reason));
}

}  // namespace credence::access
