#include "capabilities/trust/verifier_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/descriptor.h"
#include "base/hash_chain.h"
#include "base/json.h"
#include "base/text.h"
#include "base/units.h"
#include "capabilities/trust/verification_view.h"

namespace credence::trust {
namespace {

// Opens part by part, so that no folder on the way is a link either.
Descriptor open_below(const std::string& folder, std::string_view path) {
    Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto parts = split(path, '/');
    for (std::size_t i = 0; i < parts.size() && at.is_open(); ++i) {
        const std::string part(parts[i]);
        if (part.empty() || part == "..") {
            return {};
        }
        const bool last = i + 1 == parts.size();
        const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        at = Descriptor(::openat(at.get(), part.c_str(), last ? flags : flags | O_DIRECTORY));
    }
    return at;
}

// The content's digest, or nothing.
std::optional<std::string> digest_of(const Descriptor& file) {
    struct stat about{};
    if (!file.is_open() || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size > Verifier::kMaxPinnedBytes) {
        return std::nullopt;
    }
    std::string content(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
        if (count <= 0) {
            return std::nullopt;
        }
        filled += static_cast<std::size_t>(count);
    }
    return sha256_hex(content);
}

}  // namespace

std::string bare_digest(std::string_view digest) {
    constexpr std::string_view kPrefix = "sha256:";
    return std::string(digest.starts_with(kPrefix) ? digest.substr(kPrefix.size()) : digest);
}

Result<void> check_pins(const std::string& folder, const std::map<std::string, std::string>& pins) {
    for (const auto& [path, pin] : pins) {
        const auto digest = digest_of(open_below(folder, path));
        if (!digest || !equals_ignoring_case(*digest, bare_digest(pin))) {
            return fail(Code::conflict, "the pinned file " + path +
                                            " is missing or not what the recipe demands; nothing "
                                            "was run");
        }
    }
    return {};
}

std::string effort_digest_of(const std::string& recipe_digest, const std::vector<std::string>& argv,
                             const std::string& tree_digest) {
    const std::string arguments = to_json(argv);
    const std::array<std::string_view, 3> fields{recipe_digest, arguments, tree_digest};
    return chain_hash("verification effort", fields);
}

std::string claim_digest_of(const std::string& effort_digest, ClaimKind kind, ClaimContent claim) {
    claim.pattern_id.reset();
    auto& texts = claim.output_contains;
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    const std::string content = to_json(claim);
    const std::array<std::string_view, 3> fields{effort_digest, enumerator_of(kind), content};
    return chain_hash("verification claim", fields);
}

Result<sandbox::Finished> Verifier::run(const Context& context, const Plan& plan,
                                        Attempt& attempt) {
    sandbox::TreeSnapshot snapshot;
    sandbox::Command command;
    if (!plan.tree.empty()) {
        snapshot = TRY(
            sandbox::snapshot_tree(plan.tree_path, parts_.tree_limits, parts_.sandbox_settings));
        attempt.tree_digest = snapshot.digest;
        TRY(check_pins(snapshot.path(), plan.recipe.pins));
        command.tree = snapshot.path();
    }
    command.argv = plan.argv;
    command.environment = plan.recipe.environment;
    command.writable_tree = plan.recipe.writable_tree;
    command.folder = plan.recipe.folder;
    command.read_only = plan.recipe.read_only;
    command.report_file = plan.recipe.report_file;
    command.limits = plan.recipe.limits;
    if (context.deadline_us > 0) {
        const std::int64_t left_ms =
            (context.deadline_us - parts_.trust.clock.steady_us()) / kUsPerMs;
        if (left_ms <= 0) {
            return fail(Code::timeout, "the time of the request ran out before the recipe started");
        }
        command.limits.wall_ms = std::min(command.limits.wall_ms, left_ms);
    }
    return parts_.sandbox.run(command);
}

Result<Verifier::Attempt> Verifier::attempt(const Context& context, const Plan& plan) {
    Attempt out;
    out.id = parts_.trust.ids.make<VerificationId>();
    auto finished = run(context, plan, out);
    if (finished) {
        out.finished = *std::move(finished);
        out.report = read_report(plan.recipe.report, *out.finished);
        if (!plan.recipe.report_file.empty() && !out.finished->report) {
            out.report.metrics.clear();  // what standard output says instead is not the report
        }
        out.judgement = judge(plan.claim, plan.recipe, *out.finished, parts_.tolerances);
    } else if (finished.error().code == Code::unavailable ||
               finished.error().code == Code::exhausted) {
        // The server's fault: nothing was attempted, and nothing may count against the agent.
        return std::unexpected(finished.error());
    } else {
        out.judgement.outcome = Outcome::error;
        out.judgement.reason = "nothing was run: " + finished.error().message;
    }
    out.at_us = parts_.trust.clock.now_us();
    return out;
}

}  // namespace credence::trust
