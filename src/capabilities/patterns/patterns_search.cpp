// list, search and apply_pattern.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/patterns/finding.h"
#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

constexpr double kRelevanceShare = 0.6;
constexpr double kConfidenceShare = 0.4;
constexpr double kLeastSimilarity = 0.1;  // when the caller names none and no word matched

// "confidence usage id"; the first exactly, as the shortest text that reads back.
std::string place_text(const PatternRow& row) {
    char number[32];
    const auto end = std::to_chars(std::begin(number), std::end(number), row.confidence).ptr;
    return std::string(std::begin(number), end) + "_" + std::to_string(row.usage_count) + "_" +
           row.id.to_string();
}

Result<pattern_rows::Place> parse_place(std::string_view text) {
    if (text.empty()) {
        return pattern_rows::Place{};
    }
    const auto parts = split(text, '_');
    pattern_rows::Place place;
    if (parts.size() == 3) {
        const char* const end = parts[0].data() + parts[0].size();
        const auto read = std::from_chars(parts[0].data(), end, place.confidence);
        const auto usage = parse_integer(parts[1]);
        const bool good = read.ec == std::errc() && read.ptr == end &&
                          std::isfinite(place.confidence) && usage && PatternId::parse(parts[2]);
        if (good) {
            place.usage_count = *usage;
            place.id = std::string(parts[2]);
            return place;
        }
    }
    return fail(Code::invalid, "is not the `next` of a page", "after");
}

pattern_rows::Listing listing_of(const SearchPatterns& request, const Viewer& viewer) {
    pattern_rows::Listing listing;
    listing.name_space = viewer.name_space;
    listing.agent_id = viewer.agent_id;
    listing.category = request.category.value_or("");
    listing.subcategory = request.subcategory.value_or("");
    listing.owner = request.owner_agent_id.value_or("");
    listing.levels = request.access_levels;
    listing.min_success_rate = request.min_success_rate;
    listing.min_usage_count = request.min_usage_count;
    listing.limit = request.limit + 1;
    return listing;
}

bool matches(const PatternRow& row, const SearchPatterns& request, const Viewer& viewer) {
    const std::int64_t labelled = row.success_count + row.failure_count;
    const bool level =
        request.access_levels.empty() ||
        std::ranges::find(request.access_levels, row.access_level) != request.access_levels.end();
    const bool rate =
        request.min_success_rate <= 0 ||
        (labelled > 0 && static_cast<double>(row.success_count) >=
                             request.min_success_rate * static_cast<double>(labelled));
    const bool owner = !request.owner_agent_id || (row.owner == *request.owner_agent_id &&
                                                   row.name_space == viewer.name_space);
    return row.live && level && rate && owner && row.usage_count >= request.min_usage_count &&
           (!request.category || row.category == *request.category) &&
           (!request.subcategory || row.subcategory == request.subcategory);
}

bool narrows(const SearchPatterns& request) {
    return request.subcategory || !request.access_levels.empty() || request.owner_agent_id ||
           request.min_success_rate > 0 || request.min_usage_count > 0;
}

PatternPage page_of(const Work& work, const Viewer& viewer, std::vector<PatternRow> found,
                    std::int64_t limit) {
    PatternPage page;
    if (std::ssize(found) > limit) {
        found.resize(static_cast<std::size_t>(limit));
        page.next = place_text(found.back());
    }
    for (const PatternRow& row : found) {
        page.patterns.push_back({work.shown(row, viewer), std::nullopt, std::nullopt});
    }
    return page;
}

// One sentence or two from the fields that say what to do.
std::string advice_of(const RawJson& data) {
    constexpr std::size_t kMaxAdviceBytes = 2000;
    const auto fields = from_json<std::map<std::string, RawJson>>(data.text);
    std::string advice;
    for (const char* const key : {"description", "problem", "content", "solution", "steps"}) {
        if (!fields || !fields->contains(key)) {
            continue;
        }
        advice += (advice.empty() ? "" : " ") + words_of(fields->at(key).text);
    }
    if (advice.size() > kMaxAdviceBytes) {
        advice = to_valid_utf8(std::string_view(advice).substr(0, kMaxAdviceBytes)) + "…";
    }
    return advice;
}

std::string guidance_of(const Pattern& pattern) {
    const std::int64_t labelled = pattern.success_count + pattern.failure_count;
    std::string text = pattern.pattern_name + " (" + pattern.version + ", " + pattern.category +
                       "): " + advice_of(pattern.pattern_data);
    text += labelled == 0 ? " No use of it was verified yet."
                          : " It held in " + std::to_string(pattern.success_count) + " of " +
                                std::to_string(labelled) + " verified uses.";
    return text + " To have its use verified, claim with pattern_id " +
           pattern.pattern_id.to_string() + ".";
}

}  // namespace

Result<std::vector<FoundRow>> find_by_text(const PatternsParts& parts, const Work& work,
                                           const TextQuery& query) {
    SearchQuery asked;
    asked.tenant = work.tenant();
    asked.text = query.text;
    asked.category = query.category;
    asked.visible = [&](const Visibility& pattern) { return visible(pattern, query.viewer); };
    asked.limit = query.limit;
    std::vector<FoundRow> found;
    for (const Hit& hit : TRY(parts.search.search(work.tx(), asked))) {
        auto row = TRY(pattern_rows::find(work.tx(), work.tenant(), hit.id));
        if (row && row->live && visible(row->visibility(), query.viewer)) {
            found.push_back({*std::move(row), hit});
        }
    }
    return found;
}

Result<std::vector<PatternRow>> list_visible(const Work& work, const Viewer& viewer,
                                             pattern_rows::Listing listing) {
    struct Part {
        pattern_rows::Branch branch;
        AccessLevel level;
    };
    std::vector<Part> parts{{pattern_rows::Branch::level, AccessLevel::public_},
                            {pattern_rows::Branch::level, AccessLevel::system}};
    if (viewer.admin) {
        parts.push_back({pattern_rows::Branch::all, {}});
    } else if (!viewer.agent_id.empty()) {
        parts.push_back({pattern_rows::Branch::own, {}});
        parts.push_back({pattern_rows::Branch::shared, {}});
    }
    std::vector<PatternRow> found;
    for (const Part& part : parts) {
        listing.level = part.level;
        for (PatternRow& row :
             TRY(pattern_rows::branch(work.tx(), work.tenant(), part.branch, listing))) {
            if (visible(row.visibility(), viewer)) {
                found.push_back(std::move(row));
            }
        }
    }
    std::ranges::sort(found, [](const PatternRow& a, const PatternRow& b) {
        return std::tie(a.confidence, a.usage_count, a.id) >
               std::tie(b.confidence, b.usage_count, b.id);
    });
    const auto same = std::ranges::unique(found, {}, &PatternRow::id);
    found.erase(same.begin(), same.end());
    if (std::ssize(found) > listing.limit) {
        found.resize(static_cast<std::size_t>(listing.limit));
    }
    return found;
}

Result<PatternPage> Patterns::list(const Context& context, const ListPatterns& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<PatternPage> {
        const Work work(parts_, tx, context);
        if (!request.agent_id && !work.is_admin()) {
            return fail(Code::invalid, "name the agent whose patterns to list", "agent_id");
        }
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        pattern_rows::Listing listing;
        listing.name_space = viewer.name_space;
        listing.agent_id = viewer.agent_id;
        listing.category = request.category.value_or("");
        if (request.access_level) {
            listing.levels = {*request.access_level};
        }
        listing.include_archived = request.include_archived;
        listing.after = TRY(parse_place(request.after));
        listing.limit = request.limit + 1;
        auto found =
            TRY(pattern_rows::branch(tx, context.tenant, pattern_rows::Branch::own, listing));
        return page_of(work, viewer, std::move(found), request.limit);
    });
}

Result<PatternPage> Patterns::search(const Context& context, const SearchPatterns& request) {
    if (!request.query_text.empty() && !request.after.empty()) {
        return fail(Code::invalid, "answers to a text have one page", "after");
    }
    return parts_.database.read([&](store::Tx& tx) -> Result<PatternPage> {
        const Work work(parts_, tx, context);
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        if (trim(request.query_text).empty()) {
            pattern_rows::Listing listing = listing_of(request, viewer);
            listing.after = TRY(parse_place(request.after));
            auto found = TRY(list_visible(work, viewer, std::move(listing)));
            return page_of(work, viewer, std::move(found), request.limit);
        }
        const int limit =
            narrows(request) ? PatternSearch::kMaxHits : static_cast<int>(request.limit);
        PatternPage page;
        for (const FoundRow& found : TRY(find_by_text(
                 parts_, work, {request.query_text, request.category, viewer, limit}))) {
            if (std::ssize(page.patterns) < request.limit && matches(found.row, request, viewer)) {
                page.patterns.push_back(
                    {work.shown(found.row, viewer), found.hit.relevance, found.hit.similarity});
            }
        }
        return page;
    });
}

Result<AppliedPatterns> Patterns::apply_pattern(const Context& context,
                                                const ApplyPattern& request) {
    // Searching only reads; a use is written only when the agent says that it takes one.
    const auto find = [&](store::Tx& tx) -> Result<AppliedPatterns> {
        const Work work(parts_, tx, context);
        const Viewer viewer = TRY(work.viewer(request.agent_id));
        const std::string text =
            request.pattern_query + (request.context ? " " + words_of(request.context->text) : "");
        constexpr int kCandidates = 50;
        AppliedPatterns out;
        for (const FoundRow& found :
             TRY(find_by_text(parts_, work, {text, {}, viewer, kCandidates}))) {
            const bool near = request.min_similarity
                                  ? found.hit.similarity >= *request.min_similarity
                                  : found.hit.bm25 > 0 || found.hit.similarity >= kLeastSimilarity;
            if (!near) {
                continue;
            }
            AppliedPattern each;
            each.pattern = work.shown(found.row, viewer);
            each.relevance = found.hit.relevance;
            each.similarity = found.hit.similarity;
            each.score =
                (kRelevanceShare * each.relevance) + (kConfidenceShare * each.pattern.confidence);
            each.guidance = guidance_of(each.pattern);
            out.patterns.push_back(std::move(each));
        }
        std::ranges::stable_sort(out.patterns, std::ranges::greater(), &AppliedPattern::score);
        if (std::ssize(out.patterns) > request.max_patterns) {
            out.patterns.resize(static_cast<std::size_t>(request.max_patterns));
        }
        return out;
    };
    if (!request.take) {
        return parts_.database.read(find);
    }
    return parts_.database.write([&](store::Tx& tx) -> Result<AppliedPatterns> {
        auto out = TRY(find(tx));
        if (out.patterns.empty()) {
            return out;
        }
        const Work work(parts_, tx, context);
        AppliedPattern& best = out.patterns.front();
        auto subject = TRY(work.open({best.pattern.pattern_id, request.agent_id}, Action::use));
        UsePattern use;
        use.pattern_id = subject.row.id;
        use.agent_id = request.agent_id;
        best.use_id = TRY(work.record_use(subject.row, use)).id.to_string();
        best.pattern = work.shown(subject.row, subject.viewer);
        return out;
    });
}

}  // namespace credence::patterns
