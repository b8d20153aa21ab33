#include "capabilities/trust/verification_view.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace credence::trust {
namespace {

constexpr std::size_t kNoteBytes = 64;  // more than the note on what is left out takes

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Its beginning, without a character that is cut in two.
std::string_view head(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        return text;
    }
    while (limit > 0 && continues(text[limit])) {
        --limit;
    }
    return text.substr(0, limit);
}

std::string_view tail(std::string_view text, std::size_t limit) {
    std::size_t from = text.size() - std::min(limit, text.size());
    while (from < text.size() && continues(text[from])) {
        ++from;
    }
    return text.substr(from);
}

void shorten(StreamExcerpt& stream, std::size_t limit) {
    if (stream.text.size() > limit) {
        stream.text = excerpt(stream.text, limit);
        stream.truncated = true;
    }
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        std::string valid = to_valid_utf8(text);
        // Replacing what is invalid may have made it longer.
        return valid.size() <= limit ? valid : excerpt(valid, limit);
    }
    if (limit <= 2 * kNoteBytes) {
        return std::string(head(to_valid_utf8(head(text, limit)), limit));
    }
    const std::size_t room = limit - kNoteBytes;
    const std::string_view first = head(text, room / 4);
    const std::string_view last = tail(text, room - room / 4);
    const std::size_t left_out = text.size() - first.size() - last.size();
    std::string out(head(to_valid_utf8(first), room / 4));
    out += "\n[... " + std::to_string(left_out) + " bytes left out ...]\n";
    return out.append(tail(to_valid_utf8(last), room - room / 4));
}

StreamExcerpt excerpt_of(const sandbox::Stream& stream) {
    StreamExcerpt out;
    out.text = excerpt(stream.text, Verifier::kMaxExcerptBytes);
    out.sha256 = stream.sha256;
    out.bytes = stream.bytes;
    out.truncated = stream.truncated || stream.text.size() > Verifier::kMaxExcerptBytes ||
                    to_valid_utf8(stream.text).size() > Verifier::kMaxExcerptBytes;
    return out;
}

Result<Verification> view(const rows::VerificationRecord& record, std::size_t limit) {
    Verification out;
    out.verification_id = record.id;
    out.evidence_id = record.id;
    out.seq = record.seq;
    out.agent_id = record.agent_id;
    out.claim_type = TRY(stored_enumerator<ClaimKind>(record.claim_type));
    out.claim.text = record.claim;
    out.outcome = TRY(stored_enumerator<Outcome>(record.outcome));
    out.accurate = out.outcome == Outcome::confirmed;
    out.reason = record.reason;
    out.recipe = record.recipe;
    out.recipe_digest = record.recipe_digest;
    out.tree = record.tree;
    out.tree_digest = record.tree_digest;
    out.runner = record.runner;
    out.duration_us = record.duration_us;
    out.verified_at_us = record.verified_at_us;
    out.verified_by = record.actor;
    out.verified_by_agent_id = record.verified_by;
    out.pattern_id = record.pattern_id;
    out.pattern_linked = record.pattern_id.has_value();
    out.deferred = record.deferred;
    auto checks = from_json<std::vector<Check>>(record.checks);
    auto argv = from_json<std::vector<std::string>>(record.argv);
    auto actual = from_json<std::optional<ActualResult>>(record.actual);
    if (!checks || !argv || !actual) {
        return fail(Code::internal, "a stored verification is damaged");
    }
    out.checks = *std::move(checks);
    out.argv = *std::move(argv);
    out.actual = *std::move(actual);
    if (out.actual) {
        shorten(out.actual->stdout_, limit);
        shorten(out.actual->stderr_, limit);
    }
    return out;
}

}  // namespace credence::trust
