// use, confirm_use, and what verification says.
#include "base/text.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

Result<PatternId> linked_id(const std::string& pattern_id) {
    auto id = PatternId::parse(pattern_id);
    if (!id) {
        return fail(Code::invalid, "is not a pattern id", "claim_content.pattern_id");
    }
    return *id;
}

}  // namespace

Result<PatternUse> Patterns::use(const Context& context, const UsePattern& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<PatternUse> {
        const Work work(parts_, tx, context);
        auto subject = TRY(work.open({request.pattern_id, request.agent_id}, Action::use));
        const UseRow use = TRY(work.record_use(subject.row, request));
        return work.shown(use, subject.row);
    });
}

Result<PatternUse> Patterns::confirm_use(const Context& context, const ConfirmUse& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<PatternUse> {
        const Work work(parts_, tx, context);
        auto use = TRY(use_rows::find(tx, context.tenant, request.use_id));
        if (!work.is_admin()) {
            return fail(Code::forbidden, "confirming a use needs the scope patterns:admin");
        }
        if (!use || use->name_space != context.name_space) {
            return fail(Code::not_found, "no such use", "use_id");
        }
        if (use->labelled()) {
            return fail(Code::conflict, "the outcome of this use is known already", "use_id");
        }
        auto row = TRY(pattern_rows::find(tx, context.tenant, use->pattern_id));
        if (!row) {
            return fail(Code::not_found, "no such use", "use_id");
        }
        use->outcome = request.success ? UseOutcome::success : UseOutcome::failure;
        use->source = OutcomeSource::confirmed;
        use->reviewer = context.actor;
        TRY(work.label(*row, *use));
        return work.shown(*use, *row);
    });
}

Result<void> Patterns::check_link(const Context& context, const std::string& agent_id,
                                  const std::string& pattern_id) {
    const PatternId id = TRY(linked_id(pattern_id));
    return parts_.database.read([&](store::Tx& tx) -> Result<void> {
        const Work work(parts_, tx, context);
        TRY(work.open({id, agent_id}, Action::use));
        return {};
    });
}

Result<void> Patterns::verified(store::Tx& tx, const Context& context,
                                const trust::VerifiedClaim& claim) {
    if (!claim.pattern_id) {
        return {};
    }
    const bool conclusive =
        claim.outcome == trust::Outcome::confirmed || claim.outcome == trust::Outcome::refuted;
    if (conclusive && !claim.counted) {
        return {};  // a repetition says nothing new; a deferred claim comes again when it counts
    }
    const Work work(parts_, tx, context);
    const PatternId id = TRY(linked_id(*claim.pattern_id));
    auto row = TRY(pattern_rows::find(tx, context.tenant, id));
    const Viewer viewer{context.name_space, claim.agent_id, false};
    // Deleted or revoked while the recipe ran: the verification stands, the pattern is out of it.
    if (!row || !allowed(row->visibility(), viewer, Action::use)) {
        return {};
    }
    const std::string verification_id = claim.verification_id.to_string();
    if (TRY(use_rows::has_verification(tx, context.tenant, row->id, verification_id))) {
        return {};
    }
    auto use = TRY(use_rows::pending(
        tx, context.tenant,
        {row->id, context.name_space, claim.agent_id, work.now_us() - kPendingUs}));
    if (!use) {
        UsePattern request;
        request.pattern_id = row->id;
        request.agent_id = claim.agent_id;
        use = TRY(work.record_use(*row, request));
    }
    if (!conclusive) {
        return {};  // it stays pending, and a later verification may resolve it
    }
    use->outcome =
        claim.outcome == trust::Outcome::confirmed ? UseOutcome::success : UseOutcome::failure;
    use->source = OutcomeSource::verified;
    use->verification_id = verification_id;
    return work.label(*row, *use);
}

}  // namespace credence::patterns
