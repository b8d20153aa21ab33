#include <algorithm>
#include <limits>

#include "base/units.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verification_view.h"
#include "capabilities/trust/verifier.h"
#include "stats/intervals.h"

namespace credence::trust {
namespace {

constexpr double kMedian = 0.5;
constexpr double kP95 = 0.95;

MeasuredShare measure(std::int64_t part, std::int64_t n) {
    MeasuredShare out;
    const stats::Interval interval = stats::wilson_95(part, n);
    if (n > 0) {
        out.share = static_cast<double>(part) / static_cast<double>(n);
    }
    out.low = interval.low;
    out.high = interval.high;
    out.n = n;
    out.method = "Wilson score interval, 95 %";
    return out;
}

void add(OutcomeCounts& counts, Outcome outcome, std::int64_t count) {
    counts.total += count;
    switch (outcome) {
        case Outcome::confirmed:
            counts.confirmed += count;
            break;
        case Outcome::refuted:
            counts.refuted += count;
            break;
        case Outcome::inconclusive:
            counts.inconclusive += count;
            break;
        case Outcome::error:
            counts.error += count;
            break;
    }
}

MeasuredShare accuracy_of(const OutcomeCounts& counts) {
    return measure(counts.confirmed, counts.confirmed + counts.refuted);
}

// Nearest rank: the smallest value that at least this share does not exceed.
std::int64_t quantile(const std::vector<std::int64_t>& ascending, double share) {
    const auto last = static_cast<double>(ascending.size() - 1);
    const auto rank = static_cast<std::size_t>(
        std::max(0.0, std::min(last, share * static_cast<double>(ascending.size()) - 1e-9)));
    return ascending[rank];
}

Result<void> count_all(store::Tx& tx, const rows::AgentPeriod& period,
                       VerificationStatistics& out) {
    for (const rows::OutcomeCount& row : TRY(rows::count_outcomes(tx, period))) {
        const auto kind = TRY(stored_enumerator<ClaimKind>(row.claim_type));
        const auto outcome = TRY(stored_enumerator<Outcome>(row.outcome));
        auto known = std::ranges::find(out.by_claim_type, kind, &KindStatistics::claim_type);
        if (known == out.by_claim_type.end()) {
            known = out.by_claim_type.insert(known, KindStatistics{kind, {}, {}});
        }
        add(known->counts, outcome, row.count);
        add(out.counts, outcome, row.count);
    }
    std::ranges::sort(out.by_claim_type, {}, &KindStatistics::claim_type);
    for (KindStatistics& kind : out.by_claim_type) {
        kind.accuracy = accuracy_of(kind.counts);
    }
    out.accuracy = accuracy_of(out.counts);
    out.inconclusive_share = measure(out.counts.inconclusive + out.counts.error, out.counts.total);
    return {};
}

}  // namespace

Result<Verification> Verifier::get_verification(const Context& context,
                                                const GetVerification& request) {
    return parts_.trust.database.read([&](store::Tx& tx) -> Result<Verification> {
        const auto found =
            TRY(rows::find_verification(tx, context.tenant, request.verification_id));
        if (!found || found->name_space != context.name_space) {
            return fail(Code::not_found, "no such verification", "verification_id");
        }
        Verification out = TRY(view(*found, kMaxExcerptBytes));
        if (request.include_evidence) {
            out.evidence = evidence_text(out);
        }
        return out;
    });
}

Result<VerificationPage> Verifier::get_verification_history(const Context& context,
                                                            const GetVerificationHistory& request) {
    return parts_.trust.database.read([&](store::Tx& tx) -> Result<VerificationPage> {
        TRY(Agents::find(tx, context, request.agent_id));
        rows::VerificationFilter filter{context.name_space, request.agent_id, {}, {}, 0, 0};
        if (request.claim_type) {
            filter.claim_type = enumerator_of(*request.claim_type);
        }
        if (request.outcome) {
            filter.outcome = enumerator_of(*request.outcome);
        }
        filter.before_seq = request.before_seq.value_or(std::numeric_limits<std::int64_t>::max());
        filter.limit = request.limit + 1;
        auto found = TRY(rows::list_verifications(tx, context.tenant, filter));
        VerificationPage page;
        if (std::ssize(found) > request.limit) {
            found.pop_back();
            page.next = found.back().seq;
        }
        for (const rows::VerificationRecord& record : found) {
            page.verifications.push_back(TRY(view(record, kListExcerptBytes)));
        }
        return page;
    });
}

Result<VerificationStatistics> Verifier::get_verification_statistics(
    const Context& context, const GetVerificationStatistics& request) {
    const std::int64_t since_us =
        request.days ? parts_.trust.clock.now_us() - *request.days * kUsPerDay : 0;
    return parts_.trust.database.read([&](store::Tx& tx) -> Result<VerificationStatistics> {
        TRY(Agents::find(tx, context, request.agent_id));
        VerificationStatistics out;
        out.agent_id = request.agent_id;
        out.days = request.days;
        const rows::AgentPeriod period{context.tenant, context.name_space, request.agent_id,
                                       since_us};
        TRY(count_all(tx, period, out));
        const auto durations = TRY(rows::durations(tx, period, kMaxDurations));
        if (!durations.empty()) {
            out.duration_median_us = quantile(durations, kMedian);
            out.duration_p95_us = quantile(durations, kP95);
        }
        rows::VerificationFilter filter{context.name_space, request.agent_id, {}, {}, 0, kRecent};
        filter.before_seq = std::numeric_limits<std::int64_t>::max();
        for (const auto& record : TRY(rows::list_verifications(tx, context.tenant, filter))) {
            if (record.verified_at_us < since_us) {
                continue;
            }
            out.recent.push_back({record.id, TRY(stored_enumerator<ClaimKind>(record.claim_type)),
                                  TRY(stored_enumerator<Outcome>(record.outcome)), record.recipe,
                                  record.verified_at_us});
        }
        return out;
    });
}

}  // namespace credence::trust
