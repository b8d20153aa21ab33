#include "capabilities/skills/search/search_index.h"

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/text.h"
#include "base/units.h"
#include "capabilities/patterns/search/embedder.h"
#include "capabilities/skills/search/search_rows.h"
#include "capabilities/skills/search/skill_search.h"
#include "capabilities/skills/search/vector_set.h"

namespace credence::skills {
namespace {

constexpr std::size_t kHashDigits = 32;
constexpr std::int64_t kLoadRows = 10'000;
constexpr std::int64_t kForgetRows = 2'000;
constexpr std::size_t kCentroidWordings = 20;

std::string stems_of(std::string_view text, std::size_t max_words, std::string_view between,
                     const patterns::Vocabulary* without_stop_words) {
    std::string out;
    std::size_t count = 0;
    for (const std::string& word : patterns::words_of(text)) {
        if (without_stop_words != nullptr && without_stop_words->is_stop_word(word)) {
            continue;
        }
        if (count++ == max_words) {
            break;
        }
        out += out.empty() ? "" : between;
        const std::string stem = patterns::stem_of(word);
        out += without_stop_words == nullptr ? stem : '"' + stem + '"';
    }
    return out;
}

}  // namespace

std::string normal_wording(std::string_view text) {
    std::string out;
    for (const std::string& word : patterns::words_of(text)) {
        out += out.empty() ? "" : " ";
        out += word;
    }
    return out;
}

struct SearchIndex::Impl {
    struct Tenant {
        std::mutex mutex;
        std::int64_t epoch = -1;
        std::int64_t last_number = 0;
        std::int64_t last_embedded_id = 0;
        bool caught_up = false;
        VectorSet wordings{patterns::Embedder::kDimension, kMaxWordings};
        VectorSet embeddings{kEmbeddingNumbers, kMaxEmbeddings};
    };

    Impl(store::Database& store, const Clock& time, const SkillsSettings& chosen)
        : database(store), clock(time), settings(chosen) {}

    std::shared_ptr<Tenant> tenant_of(const std::string& name) {
        const std::scoped_lock lock(mutex);
        const auto found = std::ranges::find(tenants, name, [](auto& t) { return t.first; });
        if (found != tenants.end()) {
            tenants.splice(tenants.begin(), tenants, found);
        } else {
            tenants.emplace_front(name, std::make_shared<Tenant>());
        }
        if (tenants.size() > kMaxTenants) {
            tenants.pop_back();
        }
        return tenants.front().second;
    }

    std::vector<std::string> known() {
        const std::scoped_lock lock(mutex);
        std::vector<std::string> out;
        for (const auto& [name, tenant] : tenants) {
            out.push_back(name);
        }
        return out;
    }

    const patterns::Embedder& embedder() {
        const std::scoped_lock lock(mutex);
        if (embedder_ == nullptr) {
            embedder_ = std::make_unique<patterns::Embedder>();
        }
        return *embedder_;
    }

    search_rows::Wording wording_of(const search_rows::Asked& asked) {
        search_rows::Wording wording;
        wording.skill_name = asked.skill_name;
        wording.user_query = *asked.user_query;
        wording.query_hash = sha256_hex(normal_wording(*asked.user_query)).substr(0, kHashDigits);
        wording.uses = 1;
        wording.completed = asked.completed ? 1 : 0;
        wording.last_at_us = asked.invoked_at_us;
        return wording;
    }

    Result<void> add(store::Tx& tx, const std::string& tenant, search_rows::Wording wording) {
        if (TRY(search_rows::count_use(tx, tenant, wording))) {
            return {};
        }
        const patterns::Embedder& make = embedder();
        wording.embedder = make.name();
        wording.vector = vectors::encode_vector(make.embed(wording.user_query));
        return search_rows::insert(tx, tenant, wording,
                                   stems_of(wording.user_query, patterns::kMaxWords, " ", nullptr));
    }

    // True when nothing is left. Another process that read the same rows meanwhile wins.
    Result<bool> step(const std::string& tenant) {
        search_rows::Head before;
        search_rows::Head next;
        bool done = false;
        const auto asked =
            TRY(database.read([&](store::Tx& tx) -> Result<std::vector<search_rows::Asked>> {
                before = TRY(search_rows::head(tx, tenant));
                auto rows = TRY(search_rows::asked_after(tx, tenant, before.through_id, kStepRows));
                done = std::ssize(rows) < kStepRows;
                next = before;
                next.through_id =
                    done ? std::max(before.through_id, TRY(search_rows::newest_id(tx, tenant)))
                         : rows.back().id;
                return rows;
            }));
        if (next.through_id == before.through_id) {
            return true;
        }
        TRY(database.write([&](store::Tx& tx) -> Result<void> {
            const search_rows::Head now = TRY(search_rows::head(tx, tenant));
            if (now.through_id != before.through_id || now.epoch != before.epoch) {
                done = false;
                return {};
            }
            for (const search_rows::Asked& row : asked) {
                TRY(add(tx, tenant, wording_of(row)));
            }
            return search_rows::put_head(tx, tenant, next);
        }));
        return done;
    }

    Result<bool> catch_up(const std::string& tenant, std::int64_t rows) {
        for (std::int64_t read = 0; read < rows; read += kStepRows) {
            if (TRY(step(tenant))) {
                return true;
            }
        }
        return false;
    }

    // Brings the vectors in memory up to the store's. Under the tenant's mutex.
    Result<void> load(store::Tx& tx, const std::string& name, Tenant& tenant) {
        const search_rows::Head head = TRY(search_rows::head(tx, name));
        if (head.epoch != tenant.epoch) {
            tenant.wordings.clear();
            tenant.embeddings.clear();
            tenant.last_number = 0;
            tenant.last_embedded_id = 0;
            tenant.epoch = head.epoch;
        }
        for (bool more = true; more;) {
            const auto rows = TRY(search_rows::after(tx, name, tenant.last_number, kLoadRows));
            more = std::ssize(rows) == kLoadRows;
            for (const search_rows::Wording& row : rows) {
                tenant.last_number = row.number;
                tenant.wordings.add(row.number, row.skill_name,
                                    TRY(vectors::decode_vector(row.vector)));
            }
        }
        const auto embedded = TRY(search_rows::embedded_after(
            tx, name, tenant.last_embedded_id, static_cast<std::int64_t>(kMaxEmbeddings)));
        for (const search_rows::Asked& row : embedded) {
            tenant.last_embedded_id = row.id;
            tenant.embeddings.add(row.id, row.skill_name,
                                  TRY(vectors::decode_vector(*row.embedding)));
        }
        return {};
    }

    store::Database& database;
    const Clock& clock;
    const SkillsSettings& settings;
    std::mutex mutex;
    std::list<std::pair<std::string, std::shared_ptr<Tenant>>> tenants;
    std::unique_ptr<patterns::Embedder> embedder_;
};

SearchIndex::SearchIndex(store::Database& database, const Clock& clock,
                         const SkillsSettings& settings)
    : impl_(std::make_unique<Impl>(database, clock, settings)) {}

SearchIndex::~SearchIndex() = default;

namespace {

// Best first of each skill.
class Candidates {
public:
    void meaning(const std::vector<VectorMatch>& matches, bool is_wording) {
        const double best = matches.empty() ? 0 : std::max(0.0, matches.front().similarity);
        for (const VectorMatch& match : matches) {
            Entry& entry = entries_[match.skill_name][match.number];
            entry.similarity = match.similarity;
            entry.by_meaning = true;
            entry.is_wording = is_wording;
            entry.meaning_share = best > 0 ? std::max(0.0, match.similarity) / best : 0;
        }
    }
    void words(const std::string& skill, const search_rows::WordMatch& match, double best) {
        Entry& entry = entries_[skill][match.number];
        entry.word_share = best > 0 ? match.bm25 / best : 0;
    }
    // `word_share` of relevance is the words'.
    std::vector<FoundSkill> ranked(double word_share) const {
        std::vector<FoundSkill> out;
        for (const auto& [skill, wordings] : entries_) {
            FoundSkill found{.skill_name = skill, .relevance = -1};
            for (const auto& [number, entry] : wordings) {
                const double relevance =
                    word_share * entry.word_share + (1 - word_share) * entry.meaning_share;
                if (relevance > found.relevance) {
                    found.relevance = relevance;
                    found.similarity = entry.similarity;
                    found.by_meaning = entry.by_meaning;
                    found.number = entry.is_wording ? number : 0;
                }
            }
            out.push_back(std::move(found));
        }
        std::ranges::stable_sort(out, std::ranges::greater(), &FoundSkill::relevance);
        return out;
    }

private:
    struct Entry {
        double similarity = 0;
        double meaning_share = 0;
        double word_share = 0;
        bool by_meaning = false;
        bool is_wording = true;
    };
    std::map<std::string, std::map<std::int64_t, Entry>> entries_;
};

}  // namespace

Result<FoundSkills> SearchIndex::find(std::string_view tenant_name,
                                      const SearchQuestion& question) {
    const std::string name(tenant_name);
    const auto tenant = impl_->tenant_of(name);
    FoundSkills out;
    out.complete = TRY(impl_->catch_up(name, kSearchRows));
    const patterns::Embedder& embedder = impl_->embedder();
    const std::string expression =
        question.by_words && !question.text.empty()
            ? stems_of(question.text, kMaxQueryWords, " OR ", &embedder.vocabulary())
            : std::string();
    return impl_->database.read([&](store::Tx& tx) -> Result<FoundSkills> {
        const std::scoped_lock lock(tenant->mutex);
        TRY(impl_->load(tx, name, *tenant));
        Candidates candidates;
        double word_share = 0;
        if (question.embedding != nullptr) {
            candidates.meaning(tenant->embeddings.nearest(*question.embedding), false);
        } else if (!question.similar_to.empty()) {
            candidates.meaning(tenant->wordings.nearest(tenant->wordings.centroid(
                                   question.similar_to, kCentroidWordings)),
                               true);
        } else {
            word_share = !question.by_meaning ? 1 : question.by_words ? kWordShare : 0;
            if (question.by_meaning) {
                candidates.meaning(tenant->wordings.nearest(embedder.embed(question.text)), true);
            }
        }
        if (!expression.empty()) {
            const auto words = TRY(search_rows::matches(tx, name, expression, kMaxWordMatches));
            for (const search_rows::WordMatch& match : words) {
                if (const auto* skill = tenant->wordings.skill_of(match.number)) {
                    candidates.words(*skill, match, words.front().bm25);
                }
            }
        }
        out.skills = candidates.ranked(word_share);
        std::erase_if(out.skills, [&](const FoundSkill& found) {
            return found.relevance <= 0 || found.skill_name == question.similar_to;
        });
        out.wordings = static_cast<std::int64_t>(
            question.embedding != nullptr ? tenant->embeddings.size() : tenant->wordings.size());
        return out;
    });
}

Result<void> SearchIndex::upkeep() {
    for (const std::string& tenant : impl_->known()) {
        TRY(impl_->catch_up(tenant, kSearchRows));
    }
    const std::int64_t days = impl_->settings.keep_queries_days;
    if (days == 0) {
        return {};
    }
    const std::int64_t before_us = impl_->clock.now_us() - days * kUsPerDay;
    TRY(impl_->database.write(
        [&](store::Tx& tx) { return search_rows::forget_before(tx, before_us, kForgetRows); }));
    return {};
}

}  // namespace credence::skills
