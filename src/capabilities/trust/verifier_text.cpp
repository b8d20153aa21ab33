// Evidence for people, rendered from the record on demand.
#include "base/clock.h"
#include "base/json.h"
#include "capabilities/trust/evidence/markdown.h"
#include "capabilities/trust/verification_view.h"
#include "capabilities/trust/verifier.h"

namespace credence::trust {
namespace {

void line(std::string& out, std::string_view label, std::string_view value) {
    out.append("- ").append(label).append(": ").append(code_span(value)).append("\n");
}

void append_checks(const std::vector<Check>& checks, std::string& out) {
    if (checks.empty()) {
        return;
    }
    out += "\n## Checks\n\n| assertion | outcome | actual |\n| --- | --- | --- |\n";
    for (const Check& check : checks) {
        out.append("| ").append(code_span(check.assertion)).append(" | ");
        out.append(enumerator_of(check.outcome)).append(" | ");
        out.append(code_span(check.actual)).append(" |\n");
    }
}

void append_stream(std::string_view name, const StreamExcerpt& stream, std::string& out) {
    out.append("\n## ").append(name).append("\n\n");
    out += std::to_string(stream.bytes) + " bytes, SHA-256 " + code_span(stream.sha256);
    out += stream.truncated ? ", shown in part\n\n" : "\n\n";
    out += fenced(stream.text);
}

std::string how_it_ended(const ActualResult& actual) {
    std::string out = enumerator_of(actual.ending);
    if (actual.ending == sandbox::Ending::exited) {
        out += " with " + std::to_string(actual.exit_code);
    } else if (actual.ending == sandbox::Ending::signalled) {
        out += " by " + std::to_string(actual.signal);
    }
    return out;
}

}  // namespace

std::string evidence_text(const Verification& verification) {
    std::string out = "# Verification " + verification.verification_id.to_string() + "\n\n";
    out += "**" + enumerator_of(verification.outcome) + "**: " + code_span(verification.reason);
    out += "\n\n";
    line(out, "agent", verification.agent_id);
    line(out, "claim type", enumerator_of(verification.claim_type));
    line(out, "verified at", format_time_us(verification.verified_at_us));
    line(out, "asked by", verification.verified_by);
    if (verification.verified_by_agent_id) {
        line(out, "verifier", *verification.verified_by_agent_id);
    }
    line(out, "recipe", verification.recipe);
    line(out, "recipe digest", verification.recipe_digest);
    line(out, "argv", to_json(verification.argv));
    if (!verification.tree.empty()) {
        line(out, "tree", verification.tree);
        line(out, "tree digest", verification.tree_digest);
    }
    if (verification.actual) {
        line(out, "runner", verification.runner);
        line(out, "duration", std::to_string(verification.duration_us) + " us");
        line(out, "ended", how_it_ended(*verification.actual));
    }
    if (verification.pattern_id) {
        line(out, "pattern", *verification.pattern_id);
    }
    out += "\n## Claim\n\n" + fenced(verification.claim.text);
    append_checks(verification.checks, out);
    if (verification.actual) {
        append_stream("Standard output", verification.actual->stdout_, out);
        append_stream("Standard error", verification.actual->stderr_, out);
    }
    return out;
}

}  // namespace credence::trust
