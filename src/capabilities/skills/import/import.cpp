#include "capabilities/skills/import/import.h"

#include <cmath>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "capabilities/skills/import/import_rows.h"
#include "capabilities/skills/import/old_file.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

using Tally = std::map<std::string, std::int64_t>;

struct SkillTally {
    std::int64_t rows = 0;
    std::int64_t completed = 0;
};

// One run over one file.
class Importer {
public:
    Importer(Skills& skills, const SkillsParts& parts, const Context& context)
        : skills_(skills), parts_(parts), context_(context) {}

    Result<ImportReport> run(OldFile& file) {
        report_.layout = file.layout();
        while (true) {
            const auto rows = TRY(file.next());
            if (rows.empty()) {
                break;
            }
            TRY(take(rows));
        }
        const TaxonomyDefinition taxonomy = TRY(file.taxonomy());
        if (!taxonomy.categories.empty() || !taxonomy.modalities.empty() ||
            !taxonomy.dependencies.empty()) {
            report_.taxonomy_entries =
                TRY(skills_.initialize_taxonomy(context_, {taxonomy})).changed;
        }
        report_.left_out = TRY(file.other_rows());
        compare(TRY(file.metrics()));
        report_.skipped = 0;
        for (const auto& [reason, count] : mending_.reasons) {
            report_.skipped += count;
        }
        report_.mended = mending_.mended;
        report_.reasons = mending_.reasons;
        return std::move(report_);
    }

private:
    Result<void> take(const std::vector<OldInvocation>& rows) {
        TrackInvocations batch;
        for (const OldInvocation& old : rows) {
            ++report_.total;
            auto row = mend(old, parts_.clock.now_us(), mending_);
            if (row) {
                SkillTally& tally = skills_seen_[row->skill_name];
                ++tally.rows;
                tally.completed += row->completed ? 1 : 0;
                batch.items.push_back(std::move(*row));
            }
        }
        TRY(put_sessions(batch));
        TRY(leave_out_known(batch));
        return track(std::move(batch));
    }

    Result<void> put_sessions(const TrackInvocations& batch) {
        std::map<std::string, import_rows::Span> spans;
        for (const TrackInvocation& row : batch.items) {
            const std::int64_t at_us = *row.invoked_at_us;
            auto [span, added] = spans.try_emplace(row.session_id, at_us, at_us);
            span->second.from_us = std::min(span->second.from_us, at_us);
            span->second.to_us = std::max(span->second.to_us, at_us);
        }
        std::int64_t changed = 0;
        TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
            changed = 0;
            for (const auto& session : spans) {
                changed +=
                    TRY(import_rows::put_session(tx, context_.tenant, context_.name_space, session))
                        ? 1
                        : 0;
            }
            return {};
        }));
        report_.sessions += changed;
        return {};
    }

    // The n-th row of a key is there if the log has n of them: what an earlier run brought, or an
    // earlier piece of this one.
    Result<void> leave_out_known(TrackInvocations& batch) {
        std::map<std::string, Tally> known;
        TRY(parts_.database.read([&](store::Tx& tx) -> Result<void> {
            known.clear();
            for (const TrackInvocation& row : batch.items) {
                if (!known.contains(row.session_id)) {
                    known[row.session_id] =
                        TRY(import_rows::keys_of_session(tx, context_.tenant, row.session_id));
                }
            }
            return {};
        }));
        const std::size_t before = batch.items.size();
        std::erase_if(batch.items, [&](const TrackInvocation& row) {
            const std::string key = row_key(row);
            const Tally& session = known.at(row.session_id);
            const auto found = session.find(key);
            const std::int64_t nth = ++seen_[short_hash(key)];
            return found != session.end() && found->second >= nth;
        });
        report_.already_there += static_cast<std::int64_t>(before - batch.items.size());
        return {};
    }

    // A row that tracking refuses is named by its place; it is counted and the rest goes on.
    Result<void> track(TrackInvocations batch) {
        while (!batch.items.empty()) {
            const auto done = skills_.track_invocations(context_, batch);
            if (done) {
                report_.imported += std::ssize(batch.items);
                return {};
            }
            const auto place = place_of(done.error().field);
            if (!place || *place >= batch.items.size()) {
                return std::unexpected(done.error());
            }
            ++mending_.reasons["refused: " + done.error().message];
            batch.items.erase(batch.items.begin() + static_cast<std::ptrdiff_t>(*place));
        }
        return {};
    }

    // "items[3].skill_name" -> 3.
    static std::optional<std::size_t> place_of(std::string_view field) {
        constexpr std::string_view kHead = "items[";
        const std::size_t end = field.find(']');
        if (!field.starts_with(kHead) || end == std::string_view::npos) {
            return std::nullopt;
        }
        const auto place = parse_integer(field.substr(kHead.size(), end - kHead.size()));
        return place && *place >= 0 ? std::optional(static_cast<std::size_t>(*place))
                                    : std::nullopt;
    }

    static std::string short_hash(const std::string& key) {
        constexpr std::size_t kDigits = 24;
        return sha256_hex(key).substr(0, kDigits);
    }

    void compare(const std::vector<OldMetrics>& metrics) {
        constexpr double kRounding = 0.005;  // of two decimals of a percentage
        constexpr double kPercent = 100;
        for (const OldMetrics& old : metrics) {
            const SkillTally& tally = skills_seen_[old.skill_name];
            ImportDifference difference;
            difference.skill_name = old.skill_name;
            difference.old_total = old.total;
            difference.rows = tally.rows;
            difference.old_completion_rate = old.completion_rate / kPercent;
            difference.completion_rate = tally.rows == 0 ? 0
                                                         : static_cast<double>(tally.completed) /
                                                               static_cast<double>(tally.rows);
            const bool same =
                old.total == tally.rows &&
                std::abs(difference.old_completion_rate - difference.completion_rate) < kRounding;
            if (!same && report_.differences.size() < ImportReport::kMaxDifferences) {
                report_.differences.push_back(std::move(difference));
            }
        }
    }

    Skills& skills_;
    const SkillsParts& parts_;
    const Context& context_;
    ImportReport report_;
    Mending mending_;
    std::map<std::string, SkillTally> skills_seen_;
    std::unordered_map<std::string, std::int64_t> seen_;
};

}  // namespace

Result<ImportReport> Skills::import(const Context& context, const ImportSkills& request) {
    const auto file = TRY(OldFile::open(request.file));
    return Importer(*this, parts_, context).run(*file);
}

}  // namespace credence::skills
