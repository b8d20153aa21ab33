#include "capabilities/patterns/search/text_search.h"

#include <algorithm>
#include <unordered_set>

namespace credence::patterns {
namespace {

constexpr int kNumberBits = 32;

// Words carry their tenant's number, so that nobody's words meet another's.
std::string token_of(std::int64_t tenant_number, std::string_view stem) {
    return std::to_string(tenant_number) + "x" + std::string(stem);
}

std::string tokens_of(std::int64_t tenant_number, std::string_view text) {
    std::string out;
    for (const std::string& word : words_of(text)) {
        out += out.empty() ? "" : " ";
        out += token_of(tenant_number, stem_of(word));
    }
    return out;
}

// A word has no quotes (words.h); as a string it is no operator of FTS5 either.
std::string joined(const std::vector<std::string>& tokens, std::string_view with) {
    std::string out;
    for (const std::string& token : tokens) {
        out += out.empty() ? "" : with;
        out += '"' + token + '"';
    }
    return out;
}

}  // namespace

std::int64_t TextSearch::rowid_of(std::int64_t tenant_number, std::int64_t number) {
    return (tenant_number << kNumberBits) + number;
}

std::int64_t TextSearch::number_of(std::int64_t rowid) {
    return rowid & ((std::int64_t{1} << kNumberBits) - 1);
}

rows::TextRow TextSearch::row_of(const rows::Head& head, std::int64_t number,
                                 const IndexedPattern& pattern) const {
    return {.rowid = rowid_of(head.tenant_number, number),
            .name = tokens_of(head.tenant_number, pattern.name),
            .category = tokens_of(head.tenant_number, pattern.category),
            .text = tokens_of(head.tenant_number, pattern.text)};
}

std::vector<TextSearch::QueryWord> TextSearch::words_for(const rows::Head& head,
                                                         std::string_view text) const {
    std::vector<QueryWord> out;
    std::unordered_set<std::string> seen;
    for (const std::string& word : words_of(text)) {
        const std::string stem = stem_of(word);
        if (seen.insert(stem).second) {
            out.push_back({token_of(head.tenant_number, stem), vocabulary_.weight(word, stem), 0});
        }
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &QueryWord::weight);
    out.resize(std::min(out.size(), kMaxQueryWords));
    // Function words count only when there is nothing else.
    if (!out.empty()) {
        const int least = std::min(out.front().weight, 9);
        std::erase_if(out, [&](const QueryWord& word) { return word.weight < least; });
    }
    return out;
}

Result<std::int64_t> TextSearch::count_of(store::Tx& tx, const rows::Head& head,
                                          const std::string& token) {
    const std::int64_t drift = std::max<std::int64_t>(16, head.live / 16);
    {
        const std::scoped_lock lock(mutex_);
        const auto found = known_.find(token);
        if (found != known_.end() && found->second.count > drift &&
            std::abs(head.change_seq - found->second.at_seq) <= drift) {
            return found->second.count;
        }
    }
    const std::int64_t count = TRY(rows::count_matches(tx, '"' + token + '"', kMaxJoined + 1));
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= kMaxKnownCounts) {
        known_.clear();
    }
    known_[token] = {count, head.change_seq};
    return count;
}

// All words joined by OR when that is cheap, which is always so for small stores; else the rarest
// as far as the budget goes; else the two rarest joined by AND; else, where even those are in
// every other pattern, some that have the rarest.
Result<std::vector<rows::TextMatch>> TextSearch::matches(store::Tx& tx, const rows::Head& head,
                                                         std::string_view text,
                                                         std::int64_t limit) {
    std::vector<QueryWord> words = words_for(head, text);
    for (QueryWord& word : words) {
        word.count = TRY(count_of(tx, head, word.token));
    }
    std::erase_if(words, [](const QueryWord& word) { return word.count == 0; });
    if (words.empty()) {
        return std::vector<rows::TextMatch>();
    }
    std::ranges::stable_sort(words, {}, &QueryWord::count);
    std::vector<std::string> chosen;
    std::int64_t postings = 0;
    for (const QueryWord& word : words) {
        if (postings + word.count > kMaxPostings) {
            break;
        }
        postings += word.count;
        chosen.push_back(word.token);
    }
    if (!chosen.empty()) {
        return rows::best_matches(tx, joined(chosen, " OR "), kMaxScored, limit);
    }
    if (words.size() > 1 && words[0].count + words[1].count <= kMaxJoined) {
        return rows::best_matches(tx, joined({words[0].token, words[1].token}, " AND "), kMaxScored,
                                  limit);
    }
    return rows::first_matches(tx, joined({words[0].token}, ""), limit);
}

}  // namespace credence::patterns
