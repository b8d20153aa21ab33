#include "capabilities/patterns/search/text_search.h"

#include <algorithm>
#include <cmath>
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

// How many patterns have the word; more than kMaxCounted are estimated from how far apart the
// first so many lie. A count is kept until so many changes later that it may be wrong by a quarter;
// rare words are counted each time, which costs next to nothing.
Result<std::int64_t> TextSearch::count_of(store::Tx& tx, const rows::Head& head,
                                          const std::string& token) {
    constexpr std::int64_t kRare = 16;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = known_.find(token);
        if (found != known_.end() && found->second.count >= kRare &&
            std::abs(head.change_seq - found->second.at_seq) <= found->second.count / 4) {
            return found->second.count;
        }
    }
    const rows::MatchCount counted = TRY(rows::count_matches(tx, '"' + token + '"', kMaxCounted));
    std::int64_t count = counted.count;
    if (count == kMaxCounted) {
        const std::int64_t seen = number_of(counted.last_rowid) + 1;
        count = std::max(count, count * head.next_number / std::max<std::int64_t>(seen, 1));
    }
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= kMaxKnownCounts) {
        known_.clear();
    }
    known_[token] = {count, head.change_seq};
    return count;
}

// All words joined by OR when that is cheap, which is always so for small stores; else the rarest
// as far as the budget goes; else the two rarest joined by AND; else these among the newest
// patterns only.
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
    words.resize(std::min<std::size_t>(words.size(), 2));
    if (words.size() == 2 && words[0].count + words[1].count <= kMaxJoined) {
        auto found = TRY(rows::best_matches(tx, joined({words[0].token, words[1].token}, " AND "),
                                            kMaxScored, limit));
        if (!found.empty()) {
            return found;
        }
    }
    return common_matches(tx, head, words, limit);
}

// FTS5's BM25 reads every posting of every word, whatever is asked; so these are scored as if each
// word were once in a text of average length, where BM25 is the sum of the words' weights.
Result<std::vector<rows::TextMatch>> TextSearch::common_matches(store::Tx& tx,
                                                                const rows::Head& head,
                                                                const std::vector<QueryWord>& words,
                                                                std::int64_t limit) {
    std::int64_t postings = 0;
    double score = 0;
    std::vector<std::string> tokens;
    for (const QueryWord& word : words) {
        postings += word.count;
        tokens.push_back(word.token);
        const auto count = static_cast<double>(word.count);
        const auto others = static_cast<double>(std::max<std::int64_t>(head.live - word.count, 0));
        score += std::max(std::log((others + 0.5) / (count + 0.5)), 1e-6);
    }
    // As many of the newest as have about kMaxJoined postings.
    const double share = static_cast<double>(kMaxJoined) / static_cast<double>(postings);
    const auto newest =
        static_cast<std::int64_t>(static_cast<double>(head.next_number) * std::min(share, 1.0));
    const std::int64_t from = rowid_of(head.tenant_number, head.next_number - newest);
    auto found = TRY(rows::matches_from(tx, joined(tokens, " AND "), from, limit));
    if (found.empty() && tokens.size() > 1) {
        return common_matches(tx, head, {words.front()}, limit);
    }
    for (rows::TextMatch& match : found) {
        match.bm25 = score;
    }
    return found;
}

}  // namespace credence::patterns
