#include "surface/mcp/tools/operation_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kStopWords =
    "a about all also am an and another any anybody anything are around as at be because been "
    "being but by "
    "can could did do does doing for from had has have he her here him his how i if in "
    "into is it its just let like me much my need no not of on one or our please she should show "
    "so "
    "some somebody something t tell than that the their them then there these they this those to "
    "us want was we were what when where whether which while who whose will with would you "
    "your s";

struct Meaning {
    std::string_view said;   // words of requests
    std::string_view meant;  // words of the catalogue
};

// Turns of phrase that are one word to the search; first come, first replaced.
constexpr std::array kPhrases = {
    Meaning{"a/b", "variant"},           Meaning{"how many", "statistics"},
    Meaning{"how often", "statistics"},  Meaning{"how much", "statistics"},
    Meaning{"how good", "quality"},      Meaning{"do we have", "list"},
    Meaning{"are there", "list"},        Meaning{"is there", "search"},
    Meaning{"roll out", "rollout"},      Meaning{"right now", "now"},
    Meaning{"at the moment", "now"},     Meaning{"take away", "revoke"},
    Meaning{"get rid of", "discard"},    Meaning{"best practice", "pattern"},
    Meaning{"yes or no", "safe"},        Meaning{"long-running", "background"},
    Meaning{"in one go", "batch"},       Meaning{"right to be forgotten", "erase"},
    Meaning{"who did", "audit"},         Meaning{"who changed", "audit"},
    Meaning{"next time", "learned"},     Meaning{"write down", "learn"},
    Meaning{"used most", "rank uses"},   Meaning{"most used", "rank uses"},
    Meaning{"switched off", "disabled"}, Meaning{"set up", "create"},
};

// The domain's vocabulary, by area. A row says: whoever says one of the left may mean the right.
constexpr std::array kMeanings = {
    // Doing.
    Meaning{"add new make set register save define", "create store register put"},
    Meaning{"remove drop wipe discard throw purge delete forget",
            "delete forget erase remove revoke"},
    Meaning{"withdraw unshare stop", "revoke stop"},
    Meaning{"redact anonymise anonymize strip clean sanitize censor", "sanitise mask cut"},
    Meaning{"restore recover original", "unmask back"},
    Meaning{"edit modify tweak", "update change set"},
    Meaning{"log note report save", "record track"},
    Meaning{"see display view inspect details information one particular", "show read get"},
    Meaning{"open fetch", "get show start create"},
    Meaning{"overview exist available registered enumerate everything which every each", "list"},
    Meaning{"look lookup query discover find", "search find"},
    Meaning{"abort kill halt", "cancel stop pause"},
    Meaning{"finish over close terminate conclude", "end stop complete"},
    Meaning{"begin open launch kick start started", "start begin create begun"},
    Meaning{"bulk many multiple hundred thousand upload once together", "batch many"},
    Meaning{"allow permit may permitted allowed authorised authorized", "gate may approve"},
    Meaning{"merge deploy action", "gate"},
    Meaning{"accept confirm", "approve trust confirm"},
    Meaning{"turn", "switch"},
    Meaning{"off deactivate", "disable off revoke switched"},
    Meaning{"activate", "enable on"},
    Meaning{"suggest advise propose", "recommend suggest"},
    Meaning{"compute calculate recalculate recompute refit retrain", "recompute train replay"},
    Meaning{"combine join unify", "merge"},
    Meaning{"upload load ingest", "import"},
    Meaning{"download dump hand publish", "export"},
    Meaning{"refresh pick renew fresh replace", "reload rotate replace new"},
    Meaning{"undo revert", "rollback control"},
    Meaning{"prove validate double", "verify check"},
    Meaning{"postponed later delayed", "deferred"},
    Meaning{"manually override force", "override hand"},
    Meaning{"dismiss acknowledge silence", "clear end resolve"},
    Meaning{"fixed solved", "resolve dealt"},
    Meaning{"halted continue unpause", "resume again"},
    Meaning{"won winner rollout", "ship treatment"},
    Meaning{"lost loser", "rollback control"},
    Meaning{"poll progress", "get read job"},
    Meaning{"why reason because", "why explain made"},
    Meaning{"happens happen", "done policy"},
    Meaning{"rather", "policy"},
    Meaning{"lately recently recent latest last newest week", "newest list"},
    Meaning{"correct amend", "update right"},
    Meaning{"state status level stand", "show stands state get"},
    Meaning{"stolen compromised invalidate", "revoke rotate"},
    Meaning{"regenerate", "rotate new"},
    Meaning{"onboard generate", "create make"},
    Meaning{"percentage ratio proportion", "statistics"},
    Meaning{"emergency outage broken misbehaves", "disable off"},
    Meaning{"disabled flag flags feature switches", "switched off disable flags list"},
    Meaning{"allocate bucket put", "assign put create"},
    Meaning{"queued queue waiting pending running", "job background"},
    Meaning{"output result return returned", "result read job"},
    Meaning{"see access", "share show key"},
    // Guard.
    Meaning{"jailbreak injection malicious hack attacker exploit manipulate",
            "attack prompt threat"},
    Meaning{"attack threat", "threat attack"},
    Meaning{"remembered stored seen", "known threat memory stored"},
    Meaning{"dangerous harmful harmless unsafe", "safe harmful attack finding"},
    Meaning{"message input prompt paragraph snippet document page string", "text"},
    Meaning{"email phone ssn address personal private sensitive", "pii personal data"},
    Meaning{"password passwords token credit card", "secret pii personal value"},
    Meaning{"blocked flagged rejected suspicious", "detection verdict allowed judged stands"},
    Meaning{"block flag", "policy finding done"},
    Meaning{"wrong false mistaken incorrect missed positive", "feedback right verdict"},
    Meaning{"reviewer disagree", "people verdict feedback"},
    Meaning{"accuracy accurate precision quality", "evaluate measure recall good"},
    Meaning{"detector classifier model", "guard rule model"},
    Meaning{"chat dialogue dialog thread turn", "conversation turn"},
    Meaning{"marker honeytoken honeypot trap planted", "canary token leak"},
    Meaning{"plant", "create canary"},
    Meaning{"llm", "model text"},
    Meaning{"benign", "safe"},
    Meaning{"classify rate assess", "judge scan"},
    Meaning{"placeholder placeholders", "mask masks"},
    Meaning{"fingerprint fingerprints", "pinned"},
    Meaning{"benchmark", "evaluate measure baseline"},
    Meaning{"reveal expose leaked", "leak"},
    Meaning{"poisoned poisoning rug", "tool watch scan changed"},
    Meaning{"description", "tool says"},
    Meaning{"unpin", "forget"},
    Meaning{"mcp server", "tool watch server"},
    // Trust.
    Meaning{"bot assistant worker", "agent"},
    Meaning{"reputation credibility believable believe rating", "trust score believed"},
    Meaning{"decommission retire", "retire ever"},
    Meaning{"statement assertion says said claims", "claim verification"},
    Meaning{"true correct honest", "verification statistics"},
    Meaning{"proof evidence receipt", "evidence verification"},
    Meaning{"certificate provenance slsa signed", "attest statement sign attestation signed"},
    Meaning{"genuine authentic", "verify attestation"},
    Meaning{"signature signatures", "sign signing signed"},
    Meaning{"folder directory repository repo source codebase", "tree folder"},
    Meaning{"isolation isolated container", "sandbox"},
    Meaning{"machine computer", "host"},
    Meaning{"way ways definition defined", "recipe"},
    Meaning{"check checks", "check recipe verification verify"},
    Meaning{"decline drop warning alert", "alarm history"},
    Meaning{"tamper tampered manipulated integrity intact", "verify audit changed"},
    // Patterns.
    Meaning{"solution lesson practice insight knowledge approach technique", "pattern learned"},
    Meaning{"remember learned useful", "learn learned store"},
    Meaning{"identical near same similar redundant", "duplicate same similar"},
    Meaning{"proven established standardise", "mature proved"},
    Meaning{"dependable trustworthy", "reliability rely"},
    Meaning{"gap gaps missing", "opportunity suggest learning"},
    Meaning{"revision history older past previous develop developed", "version history"},
    Meaning{"improve improved derive", "evolve new version"},
    Meaning{"person", "human user"},
    // Experiments.
    Meaning{"variant variants", "experiment arm treatment"},
    Meaning{"test trial", "experiment test"},
    Meaning{"sample size power lift", "plan users needs"},
    Meaning{"enrolment enroll traffic", "users take"},
    Meaning{"converted conversion conversions result", "outcome"},
    Meaning{"significant significantly confidence interval p winning", "analyze better sure"},
    // Skills.
    Meaning{"habit habits", "works like similar"},
    Meaning{"person people customer", "user"},
    Meaning{"leaderboard top ranking ranked", "rank first"},
    Meaning{"unusual odd weird suddenly outlier abnormal", "anomaly behave"},
    Meaning{"failed succeeded crashed", "went complete completed"},
    Meaning{"improving declining getting", "trend better worse"},
    Meaning{"stage step setup deployment cleanup execution", "phase"},
    Meaning{"successful effective succeed", "effectiveness well success"},
    Meaning{"saved", "pattern stored"},
    Meaning{"work works profile", "uses profile"},
    Meaning{"stuck slow abandoned", "bottleneck given up"},
    Meaning{"together occur combined commonly", "dependency together"},
    Meaning{"odds chance probability likelihood", "predict likely success"},
    Meaning{"others peers community", "community collaborative baseline"},
    Meaning{"averages aggregate", "baseline aggregate figures"},
    Meaning{"category categories kinds", "taxonomy category"},
    Meaning{"usage use used using called call calls", "invocation use used"},
    Meaning{"live now currently moment", "real time now"},
    Meaning{"rate average duration performance", "metrics uses"},
    Meaning{"statistics numbers figures kpi", "stats statistics metrics analytics figures count"},
    Meaning{"running up healthy alive", "health work"},
    Meaning{"gdpr privacy", "user erase export remove held"},
    // The house.
    Meaning{"organisation organization customer company workspace", "tenant"},
    Meaning{"partition project", "namespace"},
    Meaning{"token credential access login", "key api"},
    Meaning{"changes changed trail yesterday", "audit entry"},
    Meaning{"task background async", "job background"},
    Meaning{"tool feature function", "operation tool"},
};

constexpr std::size_t kShortestStem = 3;

bool has_vowel(std::string_view text) {
    return text.find_first_of("aeiouy") != std::string_view::npos;
}

// Drops the suffix when enough is left.
bool cut(std::string& word, std::string_view suffix, std::size_t shortest = kShortestStem) {
    if (!word.ends_with(suffix) || word.size() < suffix.size() + shortest) {
        return false;
    }
    word.resize(word.size() - suffix.size());
    return true;
}

void cut_plural(std::string& word) {
    if (cut(word, "ies", 2)) {
        word += 'y';
        return;
    }
    for (const std::string_view ending : {"sses", "xes", "zes", "ches", "shes"}) {
        if (word.ends_with(ending) && word.size() > ending.size()) {
            word.resize(word.size() - 2);
            return;
        }
    }
    if (word.size() > 2 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") &&
        !word.ends_with("is")) {
        word.pop_back();
    }
}

void cut_ending(std::string& word) {
    if (cut(word, "ification", 2)) {
        word += "ify";
        return;
    }
    if (cut(word, "ility", 4)) {
        word += 'l';
        return;
    }
    if (cut(word, "ation") || cut(word, "ment", 4) || cut(word, "ness", 4) || cut(word, "ly", 4)) {
        return;
    }
    if (word.ends_with("tion") || word.ends_with("sion") || word.ends_with("tor")) {
        cut(word, word.ends_with("tor") ? "or" : "ion", 4);
        return;
    }
    std::string rest = word;
    if ((cut(rest, "ing") || cut(rest, "ed")) && has_vowel(rest)) {
        word = std::move(rest);
    } else if (word.size() > kShortestStem && word.ends_with("ed")) {
        word.pop_back();
    }
    if (!cut(word, "ate")) {
        cut(word, "at");
    }
}

std::unordered_set<std::string_view> split_words(std::string_view text) {
    std::unordered_set<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        out.insert(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

void add_meanings(const std::vector<std::string>& words, std::vector<std::string>& meant) {
    for (const std::string& word : words) {
        std::string stem = stem_of(word);
        if (std::ranges::find(meant, stem) == meant.end()) {
            meant.push_back(std::move(stem));
        }
    }
}

// By word and by stem: a word's own row comes before its stem's.
using Synonyms = std::unordered_map<std::string, std::vector<std::string>>;

Synonyms make_synonyms() {
    Synonyms out;
    for (const Meaning& meaning : kMeanings) {
        for (const std::string& said : words_of(meaning.said)) {
            for (const std::string& key : {said, stem_of(said)}) {
                add_meanings(words_of(meaning.meant), out[key]);
            }
        }
    }
    return out;
}

}  // namespace

std::string with_phrases(std::string_view request) {
    std::string out = to_lower(request);
    for (const Meaning& phrase : kPhrases) {
        const std::size_t at = out.find(phrase.said);
        if (at != std::string::npos) {
            out.replace(at, phrase.said.size(), phrase.meant);
        }
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    const auto close = [&] {
        if (!word.empty()) {
            out.push_back(std::move(word));
            word.clear();
        }
    };
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            word += c;
        } else if (c >= 'A' && c <= 'Z') {
            word += static_cast<char>(c | 0x20);
        } else {
            close();
        }
    }
    close();
    return out;
}

bool is_stop_word(std::string_view word) {
    static const std::unordered_set<std::string_view> kWords = split_words(kStopWords);
    return kWords.contains(word);
}

std::string stem_of(std::string_view word) {
    std::string out(word);
    if (out.size() <= 2) {
        return out;
    }
    cut_plural(out);
    cut_ending(out);
    const std::size_t size = out.size();
    if (size > kShortestStem && out[size - 1] == out[size - 2]) {
        out.pop_back();
    }
    if (out.size() > kShortestStem && out.ends_with('e')) {
        out.pop_back();
    }
    if (out.size() > kShortestStem && out.ends_with('y')) {
        out.back() = 'i';
    }
    return out;
}

const std::vector<std::string>& other_meanings(const std::string& word, const std::string& stem) {
    static const Synonyms kSynonyms = make_synonyms();
    static const std::vector<std::string> kNone;
    auto found = kSynonyms.find(word);
    if (found == kSynonyms.end()) {
        found = kSynonyms.find(stem);
    }
    return found == kSynonyms.end() ? kNone : found->second;
}

}  // namespace credence::surface::mcp
