#include "capabilities/trust/verifier.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/evidence/markdown.h"
#include "capabilities/trust/recipes.h"
#include "capabilities/trust/trees.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verification_view.h"
#include "capabilities/trust/verifier_run.h"

namespace credence::trust {
namespace {

constexpr std::string_view kDefaultTree = "default";
constexpr std::size_t kMaxJudgementBytes = 1000;

bool fits(const Recipe& recipe, ClaimKind kind) {
    return std::ranges::find(recipe.kinds, kind) != recipe.kinds.end();
}

// The same error, about our field instead of the one that the other service calls it.
template <class T>
std::unexpected<Error> at_field(std::string field, const Result<T>& failed) {
    Error error = failed.error();
    error.field = std::move(field);
    return std::unexpected(std::move(error));
}

std::string actual_json(const std::optional<sandbox::Finished>& finished, const Report& report) {
    if (!finished) {
        return "null";
    }
    ActualResult actual;
    actual.ending = finished->ending;
    actual.exit_code = finished->exit_code;
    actual.signal = finished->signal;
    actual.stdout_ = excerpt_of(finished->output);
    actual.stderr_ = excerpt_of(finished->error);
    for (const auto& [name, value] : report.metrics) {
        if (std::isfinite(value)) {
            actual.metrics.emplace(to_valid_utf8(name), value);
        }
    }
    actual.cpu_us = finished->cpu_us;
    return to_json(actual);
}

}  // namespace

Verifier::Verifier(const VerifierParts& parts)
    : parts_(parts),
      overhead_(
          parts.trust.metrics.histogram("credence_trust_verification_overhead_seconds",
                                        "Time of a verification beyond the run of its recipe")) {
    for (std::size_t outcome = 0; outcome < kOutcomes; ++outcome) {
        for (std::size_t kind = 0; kind < kKinds; ++kind) {
            verifications_[outcome][kind] = &parts_.trust.metrics.counter(
                "credence_trust_verifications_total", "Attempts to verify a claim",
                {{"outcome", enumerator_of(static_cast<Outcome>(outcome))},
                 {"claim_type", enumerator_of(static_cast<ClaimKind>(kind))}});
        }
    }
}

Result<void> Verifier::choose_recipe(store::Tx& tx, const Context& context,
                                     const VerifyClaim& request, Plan& plan) const {
    if (request.verification_command.has_value() == request.recipe.has_value()) {
        return fail(Code::invalid, "give either a verification_command or a recipe", "recipe");
    }
    if (request.recipe) {
        auto found = find_recipe(tx, context, *request.recipe);
        if (!found) {
            return at_field("recipe", found);
        }
        plan.recipe = *std::move(found);
        if (!fits(plan.recipe, plan.kind)) {
            return fail(Code::invalid,
                        "this recipe does not verify claims of kind " + enumerator_of(plan.kind),
                        "recipe");
        }
        plan.arguments = request.parameters;
        return {};
    }
    if (!request.parameters.empty()) {
        return fail(Code::invalid, "parameters belong to a recipe; a command has its own",
                    "parameters");
    }
    std::vector<Recipe> usable = TRY(all_recipes(tx, context));
    std::erase_if(usable, [&](const Recipe& recipe) { return !fits(recipe, plan.kind); });
    auto parsed = parse_command(*request.verification_command, usable);
    if (!parsed) {
        return at_field("verification_command", parsed);
    }
    plan.recipe = std::move(usable.at(parsed->recipe));
    plan.arguments = std::move(parsed->arguments);
    return {};
}

Result<Verifier::Plan> Verifier::plan(store::Tx& tx, const Context& context,
                                      const VerifyClaim& request) const {
    Plan plan;
    plan.agent_id = TRY(Agents::speak_for(tx, context, request.agent_id)).agent_id;
    plan.kind = request.claim_type;
    plan.verified_by = request.verified_by_agent_id;
    plan.deferred = request.defer_trust;
    if (plan.verified_by) {
        TRY(check_verifier(tx, context, plan.agent_id, *plan.verified_by,
                           parts_.trust.clock.now_us()));
    }
    plan.claim = TRY(read_claim(request.claim_type, request.claim_content));
    TRY(check_tolerances(plan.claim, parts_.tolerances));
    if (plan.claim.pattern_id && (plan.claim.pattern_id->size() > kMaxPatternIdBytes ||
                                  visible(*plan.claim.pattern_id) != *plan.claim.pattern_id)) {
        return fail(Code::invalid, "not the id of a pattern", "claim_content.pattern_id");
    }
    TRY(choose_recipe(tx, context, request, plan));
    plan.recipe_digest = recipe_digest(plan.recipe);
    TRY(check_fit(plan.kind, plan.claim, plan.recipe));
    plan.argv = TRY(expand(plan.recipe, plan.arguments));
    if (!plan.recipe.needs_tree) {
        if (request.tree) {
            return fail(Code::invalid, "this recipe looks at no tree", "tree");
        }
        return plan;
    }
    plan.tree = request.tree.value_or(std::string(kDefaultTree));
    const auto& trees = plan.recipe.trees;
    if (!trees.empty() && std::ranges::find(trees, plan.tree) == trees.end()) {
        return fail(Code::forbidden, "this recipe may not run on this tree", "tree");
    }
    auto found = find_tree(tx, context, plan.tree);
    if (!found) {
        return at_field("tree", found);
    }
    plan.tree_path = std::move(found->path);
    return plan;
}

Result<void> Verifier::check_links(const Context& context, const VerifyClaim& request,
                                   const Plan& plan) const {
    if (!plan.claim.pattern_id) {
        return {};
    }
    if (parts_.listeners.all().empty()) {
        return fail(Code::invalid, "nothing here keeps patterns", "claim_content.pattern_id");
    }
    for (VerificationListener* listener : parts_.listeners.all()) {
        auto allowed = listener->check_link(context, request.agent_id, *plan.claim.pattern_id);
        if (!allowed) {
            return at_field("claim_content.pattern_id", allowed);
        }
    }
    return {};
}

Result<Verification> Verifier::verify_claim(const Context& context, const VerifyClaim& request) {
    const std::int64_t started_us = parts_.trust.clock.steady_us();
    if (context.deadline_us > 0 && context.deadline_us <= started_us) {
        return fail(Code::timeout, "the time of the request ran out");
    }
    const Plan planned =
        TRY(parts_.trust.database.read([&](store::Tx& tx) { return plan(tx, context, request); }));
    TRY(check_links(context, request, planned));
    if (context.progress != nullptr) {
        context.progress->report(1, 3);  // planned, of: planned, run, recorded
    }
    const Attempt attempted = TRY(attempt(context, planned));
    if (context.progress != nullptr) {
        context.progress->report(2, 3);
    }
    // Encoded here and not in the transaction: the store has one writer.
    const rows::VerificationRecord row = row_of(context, planned, attempted);
    const Verification answer = TRY(view(row, kMaxExcerptBytes));
    auto recorded = TRY(parts_.trust.database.write(
        [&](store::Tx& tx) { return record(tx, context, planned, {row, answer}); }));
    count(planned, attempted, started_us);
    return recorded;
}

rows::VerificationRecord Verifier::row_of(const Context& context, const Plan& plan,
                                          const Attempt& attempt) {
    rows::VerificationRecord row;
    row.id = attempt.id;
    row.name_space = context.name_space;
    row.agent_id = plan.agent_id;
    row.claim_type = enumerator_of(plan.kind);
    row.claim = to_json(plan.claim);
    row.recipe = plan.recipe.name;
    row.recipe_digest = plan.recipe_digest;
    row.recipe_json = to_json(plan.recipe);
    row.arguments = to_json(plan.arguments);
    row.argv = to_json(plan.argv);
    row.tree = plan.tree;
    row.tree_digest = attempt.tree_digest;
    row.outcome = enumerator_of(attempt.judgement.outcome);
    row.reason = excerpt(visible(attempt.judgement.reason), kMaxJudgementBytes);
    row.checks = to_json(attempt.judgement.checks);
    row.actual = actual_json(attempt.finished, attempt.report);
    if (attempt.finished) {
        row.runner = enumerator_of(attempt.finished->runner);
        row.duration_us = attempt.finished->duration_us;
    }
    row.verified_at_us = attempt.at_us;
    row.actor = context.actor;
    row.verified_by = plan.verified_by;
    row.pattern_id = plan.claim.pattern_id;
    row.deferred = plan.deferred;
    return row;
}

Result<Verification> Verifier::record(store::Tx& tx, const Context& context, const Plan& plan,
                                      Recorded recorded) {
    auto& [row, out] = recorded;
    // Much may have happened while the recipe ran.
    TRY(Agents::speak_for(tx, context, plan.agent_id));
    if (plan.verified_by) {
        TRY(check_verifier(tx, context, plan.agent_id, *plan.verified_by, row.verified_at_us));
    }
    out.seq = TRY(rows::insert_verification(tx, context.tenant, row));
    TRY(score(tx, context, plan, out, rows::record_digest(context.tenant, row)));
    VerifiedClaim heard;
    heard.verification_id = out.verification_id;
    heard.agent_id = out.agent_id;
    heard.kind = out.claim_type;
    heard.outcome = out.outcome;
    heard.counted = out.weight.value_or(0) > 0;
    heard.pattern_id = out.pattern_id;
    heard.duration_us = out.duration_us;
    heard.at_us = out.verified_at_us;
    for (VerificationListener* listener : parts_.listeners.all()) {
        TRY(listener->verified(tx, context, heard));
    }
    TRY(tx.emit(context, ClaimVerified{out.verification_id, out.agent_id, out.claim_type,
                                       out.outcome, out.recipe, out.tree_digest}));
    return out;
}

Result<void> Verifier::score(store::Tx& tx, const Context& context, const Plan& plan,
                             Verification& verification, const std::string& record_digest) const {
    Evidence evidence;
    evidence.verification_id = verification.verification_id;
    evidence.agent_id = plan.agent_id;
    evidence.kind = plan.kind;
    evidence.outcome = verification.outcome;
    evidence.strength = plan.recipe.strength;
    evidence.effort_digest =
        effort_digest_of(plan.recipe_digest, plan.argv, verification.tree_digest);
    evidence.claim_digest = claim_digest_of(evidence.effort_digest, plan.kind, plan.claim);
    evidence.record_digest = record_digest;
    evidence.verified_by = plan.verified_by;
    const std::int64_t at_us = verification.verified_at_us;
    if (plan.deferred) {
        verification.log_seq = TRY(defer_evidence(tx, context, at_us, evidence));
        return {};
    }
    const AppliedEvidence applied = TRY(apply_evidence(tx, context, at_us, evidence));
    verification.new_trust_score = applied.trust_score;
    verification.lower_bound = applied.lower_bound;
    verification.ewma = applied.ewma;
    verification.weight = applied.weight;
    verification.log_seq = applied.seq;
    return {};
}

void Verifier::count(const Plan& plan, const Attempt& attempt, std::int64_t started_us) {
    const auto outcome = static_cast<std::size_t>(attempt.judgement.outcome);
    verifications_.at(outcome).at(static_cast<std::size_t>(plan.kind))->add();
    const std::int64_t child_us = attempt.finished ? attempt.finished->duration_us : 0;
    overhead_.observe_us(
        std::max<std::int64_t>(0, parts_.trust.clock.steady_us() - started_us - child_us));
}

}  // namespace credence::trust
