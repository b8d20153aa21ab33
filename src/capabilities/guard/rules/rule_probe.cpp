// For authors of rules: how do packs behave on labelled texts, without building the program again?
// Usage: guard_rule_probe [--misses | --rules | --time] FILE.jsonl PACK...
// Prints recall and false positives by source under the plain judgement of findings (the weights of
// rules, discounts for quotation and discussion, noisy-or of techniques); with --rules how often
// each rule fires in attacks and in other texts; with --misses attacks that are not found and
// others that are; with --time what the matcher costs. Harmful requests are left out.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/shape.h"
#include "base/text.h"
#include "capabilities/guard/rules/analysis.h"
#include "capabilities/guard/rules/pack.h"

namespace credence::guard {

struct ProbeRow {
    std::string text;
    std::int64_t label = 0;
    std::string category;
    std::string source;
    std::string license;
    std::string lang;
    std::string transform;
};

void describe(Describe<ProbeRow>& d) {
    d.field<&ProbeRow::text>("Text");
    d.field<&ProbeRow::label>("1: an attack").between(0, 1);
    d.field<&ProbeRow::category>("Kind of text").or_default();
    d.field<&ProbeRow::source>("Where it comes from").or_default();
    d.field<&ProbeRow::license>("Licence").or_default();
    d.field<&ProbeRow::lang>("Language").or_default();
    d.field<&ProbeRow::transform>("Encoding applied to it").or_default();
}

namespace {

constexpr double kFlag = 0.4;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30U;

struct Tally {
    int attacks = 0;
    int attacks_found = 0;
    int others = 0;
    int others_found = 0;
    void add(bool attack, bool found) {
        ++(attack ? attacks : others);
        (attack ? attacks_found : others_found) += found ? 1 : 0;
    }
};

double score_of(const RuleSet& rules, const Analysis& analysis) {
    std::map<std::string_view, double> best;
    for (const Finding& finding : analysis.findings) {
        const Rule& rule = rules.rules()[finding.rule];
        if (rule.category == Category::secrets || rule.category == Category::pii) {
            continue;
        }
        const bool discussed = (finding.marks & 1U) != 0;
        double score = rule.score * finding.confidence;
        if (rule.category != Category::code_execution) {
            score *= finding.quoted && discussed ? 0.25
                     : finding.quoted            ? 0.7
                     : discussed                 ? 0.75
                                                 : 1;
        }
        best[rule.technique] = std::max(best[rule.technique], std::min(score, 0.99));
    }
    double innocent = 1;
    for (const auto& [technique, score] : best) {
        innocent *= 1 - score;
    }
    return 1 - innocent;
}

struct Probe {
    const RuleSet& rules;
    bool misses;
    Tally all;
    std::map<std::string, Tally> sources;
    std::vector<Tally> by_rule;

    Result<void> take(const ProbeRow& row) {
        const Analysis analysis = TRY(analyse(rules, row.text, {}));
        const bool attack = row.label == 1;
        const bool found = score_of(rules, analysis) >= kFlag;
        all.add(attack, found);
        sources[row.source].add(attack, found);
        std::vector<bool> fired(by_rule.size());
        std::string names;
        for (const Finding& finding : analysis.findings) {
            names += fired[finding.rule] ? "" : rules.rules()[finding.rule].id + " ";
            fired[finding.rule] = true;
        }
        for (const SignalHit& hit : analysis.signals) {
            fired[hit.rule] = true;
        }
        for (std::size_t i = 0; i < fired.size(); ++i) {
            by_rule[i].add(attack, fired[i]);
        }
        if (misses && attack != found) {
            std::printf("%s\t%s\t%s\t%s\n", attack ? "MISS" : "FALSE", row.source.c_str(),
                        names.c_str(), row.text.c_str());
        }
        return {};
    }
};

void print(const std::string& name, const Tally& tally) {
    std::printf("%-34s recall %5d/%-5d %.4f   flagged %5d/%-5d %.5f\n", name.c_str(),
                tally.attacks_found, tally.attacks,
                tally.attacks == 0 ? 0.0 : double(tally.attacks_found) / tally.attacks,
                tally.others_found, tally.others,
                tally.others == 0 ? 0.0 : double(tally.others_found) / tally.others);
}

// The matcher alone, over texts that are normalised already.
Result<void> time(const RuleSet& rules, const std::vector<Normalised>& texts) {
    using Clock = std::chrono::steady_clock;
    Matcher matcher(rules);
    std::vector<Hit> hits;
    std::size_t bytes = 0;
    double best_s = 1e9;
    for (int round = 0; round < 5; ++round) {
        bytes = 0;
        const auto start = Clock::now();
        for (const Normalised& text : texts) {
            TRY(matcher.match(text, hits));
            bytes += text.text.size();
        }
        best_s = std::min(best_s, std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::printf("%zu texts, %zu bytes: %.3f us a KiB, %.3f us a text\n", texts.size(), bytes,
                best_s * 1e6 * 1024 / static_cast<double>(bytes),
                best_s * 1e6 / static_cast<double>(texts.size()));
    return {};
}

Result<void> run(std::string_view option, const std::string& file, std::span<char*> packs) {
    Packs read;
    for (const char* pack : packs) {
        TRY(read_pack(TRY(read_file(pack, kMaxPackBytes)), pack, PackOrigin::shipped, read));
    }
    const auto rules = TRY(RuleSet::build(read));
    Probe probe{*rules, option == "--misses", {}, {}, std::vector<Tally>(rules->rules().size())};
    std::vector<Normalised> texts;
    const std::string content = TRY(read_file(file, kMaxBytes));
    for (const std::string_view line : split(content, '\n')) {
        if (line.empty()) {
            continue;
        }
        const ProbeRow row = TRY(from_json<ProbeRow>(line));
        if (row.category != "harmful_request") {
            if (option == "--time") {
                normalise(row.text, texts.emplace_back());
            } else {
                TRY(probe.take(row));
            }
        }
    }
    if (option == "--time") {
        return time(*rules, texts);
    }
    if (option == "--rules") {
        for (std::size_t i = 0; i < probe.by_rule.size(); ++i) {
            print(rules->rules()[i].id, probe.by_rule[i]);
        }
    }
    if (option != "--misses") {
        for (const auto& [source, tally] : probe.sources) {
            print(source, tally);
        }
        print("all", probe.all);
    }
    return {};
}

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    const bool option = argc > 1 && argv[1][0] == '-';
    const int first = option ? 2 : 1;
    if (argc < first + 2) {
        std::fprintf(stderr,
                     "usage: guard_rule_probe [--misses | --rules | --time] FILE.jsonl PACK...\n");
        return 2;
    }
    const auto done =
        credence::guard::run(option ? argv[1] : "", argv[first],
                             {argv + first + 1, static_cast<std::size_t>(argc - first - 1)});
    if (!done) {
        std::fprintf(stderr, "guard_rule_probe: %s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
