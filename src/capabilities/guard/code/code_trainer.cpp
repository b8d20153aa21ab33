// Trains the structural scorer of code and writes its table; or reports it by leaving sources out.
//
// usage: guard_code_trainer --out FILE.inc FILE.jsonl...        the table
//        guard_code_trainer --report FILE.jsonl...              a line per source left out
//          --public: of the public sources only
//          --parts N: leaves out parts of all sources instead; --only PREFIX: sources so named
//        options: --rate R --l1 L --l2 L --passes N --share S --misses N --rename
// Rows: text, label (1 harmful), source. Rows of other sources than kSources are passed over.
// --rename replaces telling names (of a malicious file, say) in the rows that are judged.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <simdjson.h>

#include "capabilities/guard/code/code.h"
#include "capabilities/guard/code/code_features.h"
#include "capabilities/guard/code/code_learning.h"
#include "capabilities/guard/code/code_vocabulary.h"

namespace credence::guard {
namespace {

constexpr double kFlagged = 0.4;
constexpr double kRankedRate = 0.03;
constexpr std::size_t kLineNumbers = 24;

constexpr auto kSources = std::to_array<std::string_view>({
    "codegate_unsafe",
    "payloadbox_cmd",
    "payloadbox_xss",
    "payloads_all_the_things",
    "gpteacher_codegen",
    "tldr_pages",
    "cyberseceval_autocomplete",
    "cyberseceval_instruct",
    "bfcl",
    "agentbench_os",
    "warden",
});

constexpr auto kTelling = std::to_array<std::string_view>({
    "malicious", "malware", "evil",       "hacker",       "hacked",    "hack",    "backdoor",
    "keylogger", "payload", "exploit",    "attacker",     "attack",    "stealth", "rootkit",
    "virus",     "trojan",  "ransomware", "unauthorized", "sensitive", "stolen",  "steal",
    "exfil",     "spyware", "shellcode",  "victim",       "hidden",    "fake",    "rogue",
    "botnet",    "inject",  "poison",     "harmful",
});

struct Options {
    std::vector<std::string> files;
    std::string out;
    std::string command;
    CodeLearning how;
    int misses = 0;
    int parts = 0;  // of a report by parts; 0 by sources
    std::string only;
    bool report = false;
    bool public_only = false;
    bool rename = false;
};

// A plain command ("whoami") that a list of payloads holds; by itself it is no evidence of harm.
bool is_bare(std::string_view text, std::string_view source) {
    return source.starts_with("payload") &&
           text.find_first_of(";|&$<>{}()`%'\"\\") == std::string_view::npos;
}

struct Text {
    std::string text;
    CodeRow row;
    CodeRow renamed;
};

std::string lowered(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return text;
}

std::string without_telling(std::string text) {
    text = lowered(text);
    for (const std::string_view word : kTelling) {
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
            text.replace(at, word.size(), "item");
        }
    }
    return text;
}

CodeRow row_of(const std::string& text, std::string_view source, bool harmful) {
    CodeRow row;
    const std::string lower = lowered(text);
    CodeFeatures features;
    const auto set = features.of(lower);
    row.features.assign(set.begin(), set.end());
    row.source = source;
    row.harmful = harmful;
    row.own = source.starts_with("corpus_");
    row.fold = word_hash(text);
    row.code = look_for_code(lower).is_code;
    std::vector<Detected> found;
    find_code(text, found);
    row.silent = std::none_of(found.begin(), found.end(), [](const Detected& item) {
        return item.detector != Detector::code_structure && item.confidence >= kFlagged;
    });
    return row;
}

bool is_wanted(std::string_view source) {
    return source.starts_with("corpus_code_") ||
           std::find(kSources.begin(), kSources.end(), source) != kSources.end();
}

std::vector<Text> read(const Options& options) {
    std::vector<Text> rows;
    simdjson::dom::parser parser;
    for (const std::string& name : options.files) {
        std::ifstream file(name);
        std::string line;
        while (std::getline(file, line)) {
            simdjson::dom::element row;
            std::string_view text;
            std::string_view source;
            std::int64_t label = 0;
            if (parser.parse(line).get(row) != simdjson::SUCCESS ||
                row["text"].get(text) != simdjson::SUCCESS ||
                row["source"].get(source) != simdjson::SUCCESS ||
                row["label"].get(label) != simdjson::SUCCESS || !is_wanted(source)) {
                continue;
            }
            // The guard's own categories (orders to a model) are no code.
            if (label != 0 && source == "warden") {
                continue;
            }
            Text kept{std::string(text), row_of(std::string(text), source, label != 0), {}};
            if (options.rename) {
                kept.renamed = row_of(without_telling(kept.text), source, label != 0);
            }
            rows.push_back(std::move(kept));
        }
    }
    return rows;
}

struct Count {
    std::size_t rows = 0;
    std::size_t before = 0;  // found by the recognisers
    std::size_t after = 0;   // and with the scorer
};

// Wilson's interval at 95 %.
void print_rate(std::size_t found, std::size_t rows) {
    const double n = static_cast<double>(rows);
    const double p = rows == 0 ? 0 : static_cast<double>(found) / n;
    const double z = 1.96;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double wide = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    std::printf("%5.1f [%4.1f, %4.1f]  ", 100 * p, 100 * (middle - wide), 100 * (middle + wide));
}

void print_count(const std::string& name, bool harmful, const Count& count) {
    std::printf("%-6s %-28s %5zu  ", harmful ? "recall" : "false", name.c_str(), count.rows);
    print_rate(count.before, count.rows);
    print_rate(count.after, count.rows);
    std::printf("\n");
}

double odds_of(const TrainedCode& trained, const CodeRow& row) {
    double sum = 0;
    for (const std::uint16_t bucket : row.features) {
        sum += trained.weights[bucket];
    }
    const double count = static_cast<double>(std::max<std::size_t>(row.features.size(), 1));
    return trained.bias + trained.scale * sum / std::sqrt(count);
}

constexpr double kSurely = 1e9;  // the odds of what a recogniser found

struct Report {
    std::vector<std::pair<double, bool>> ranked;  // odds beyond the threshold, harmful; public rows
    std::map<std::pair<bool, std::string>, Count> plain;
    std::map<std::pair<bool, std::string>, Count> renamed;
};

void judge(const TrainedCode& trained, const Text& text, const Options& options, Report& report) {
    const auto add = [&](const CodeRow& row, auto& counts) {
        const bool flagged = row.code && odds_of(trained, row) >= trained.threshold;
        const std::string group =
            row.source.starts_with("corpus_") ? "all of the corpus" : "all of the public";
        for (const std::string& name : {row.source, group}) {
            Count& count = counts[{row.harmful, name}];
            ++count.rows;
            count.before += row.silent ? 0U : 1U;
            count.after += !row.silent || flagged ? 1U : 0U;
        }
        return !row.silent || flagged;
    };
    const bool found = add(text.row, report.plain);
    if (!text.row.own) {
        const double odds =
            text.row.code ? odds_of(trained, text.row) - trained.threshold : -kSurely;
        report.ranked.emplace_back(text.row.silent ? odds : kSurely, text.row.harmful);
    }
    if (options.rename) {
        add(text.renamed, report.renamed);
    }
    if (options.misses > 0 && found != text.row.harmful) {
        std::printf("%s %s %.2f: %s\n", text.row.harmful ? "MISSED" : "FALSE",
                    text.row.source.c_str(), odds_of(trained, text.row) - trained.threshold,
                    text.text.substr(0, static_cast<std::size_t>(options.misses)).c_str());
    }
}

// Recall where kRankedRate of the ordinary rows are found.
void print_ranked(std::vector<std::pair<double, bool>> ranked) {
    std::sort(ranked.rbegin(), ranked.rend());
    const auto harmful = static_cast<std::size_t>(
        std::ranges::count_if(ranked, [](const auto& row) { return row.second; }));
    const auto allowed =
        static_cast<std::size_t>(kRankedRate * static_cast<double>(ranked.size() - harmful));
    std::size_t found = 0;
    std::size_t ordinary = 0;
    double least = kSurely;
    for (const auto& [odds, is_harmful] : ranked) {
        found += is_harmful ? 1U : 0U;
        ordinary += is_harmful ? 0U : 1U;
        least = odds;
        if (ordinary > allowed) {
            break;
        }
    }
    std::printf("recall at %.0f %% of ordinary rows, public sources pooled (odds %.2f): ",
                100 * kRankedRate, least);
    print_rate(found, harmful);
    std::printf("\n");
}

void print_report(const Report& report) {
    std::printf("%-6s %-28s %5s  %-20s %-20s\n", "", "source left out", "rows", "recognisers",
                "with the scorer");
    for (const auto& [key, count] : report.plain) {
        print_count(key.second, key.first, count);
    }
    print_ranked(report.ranked);
    if (!report.renamed.empty()) {
        std::printf("telling names replaced\n");
        for (const auto& [key, count] : report.renamed) {
            print_count(key.second, key.first, count);
        }
    }
}

// What is left out together: a source, or a part of all of them.
std::string part_of(const CodeRow& row, const Options& options) {
    return options.parts == 0 ? row.source
                              : std::to_string(word_hash(std::to_string(row.fold)) %
                                               static_cast<std::uint32_t>(options.parts));
}

void report_left_out(const std::vector<Text>& texts, const Options& options) {
    std::set<std::string> parts;
    for (const Text& text : texts) {
        if (text.row.source.starts_with(options.only) && !(options.public_only && text.row.own)) {
            parts.insert(part_of(text.row, options));
        }
    }
    Report report;
    for (const std::string& left_out : parts) {
        std::vector<const CodeRow*> rows;
        for (const Text& text : texts) {
            if (part_of(text.row, options) != left_out && !is_bare(text.text, text.row.source)) {
                rows.push_back(&text.row);
            }
        }
        const TrainedCode trained = train_code(rows, options.how);
        for (const Text& text : texts) {
            if (part_of(text.row, options) == left_out) {
                judge(trained, text, options, report);
            }
        }
    }
    print_report(report);
}

bool write_table(const TrainedCode& trained, const Options& options) {
    std::FILE* file = std::fopen(options.out.c_str(), "w");
    if (file == nullptr) {
        return false;
    }
    std::fprintf(file,
                 "// Generated; do not edit. From the data folder and the corpus folder:\n"
                 "//   guard_code_trainer --out code_weights.inc%s\n"
                 "// clang-format off\n"
                 "constexpr double kCodeScale = %.17g;\n"
                 "constexpr double kCodeBias = %.17g;\n"
                 "constexpr double kCodeThreshold = %.17g;\n"
                 "constexpr double kCodeDoubt = %.17g;\n"
                 "constexpr std::int8_t kCodeWeights[] = {\n",
                 options.command.c_str(), trained.scale, trained.bias, trained.threshold,
                 trained.doubt);
    for (std::size_t i = 0; i < trained.weights.size(); ++i) {
        std::fprintf(file, "%d,%s", trained.weights[i], (i + 1) % kLineNumbers == 0 ? "\n" : "");
    }
    std::fprintf(file, "};\n// clang-format on\n");
    return std::fclose(file) == 0;
}

Options options_of(int count, char** arguments) {
    Options options;
    const std::map<std::string, double CodeLearning::*> numbers = {
        {"--rate", &CodeLearning::rate},
        {"--l1", &CodeLearning::l1},
        {"--l2", &CodeLearning::l2},
        {"--share", &CodeLearning::ordinary_share},
        {"--own-share", &CodeLearning::own_share},
        {"--own-weight", &CodeLearning::own_weight}};
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        const char* value = i + 1 < count ? arguments[i + 1] : "0";
        if (const auto number = numbers.find(word); number != numbers.end()) {
            options.how.*(number->second) = std::atof(value);
            ++i;
        } else if (word == "--passes") {
            options.how.passes = std::atoi(value);
            ++i;
        } else if (word == "--misses") {
            options.misses = std::atoi(value);
            ++i;
        } else if (word == "--parts") {
            options.parts = std::atoi(value);
            ++i;
        } else if (word == "--only") {
            options.only = value;
            ++i;
        } else if (word == "--out") {
            options.out = value;
            ++i;
        } else if (word == "--public") {
            options.public_only = true;
        } else if (word == "--report") {
            options.report = true;
        } else if (word == "--rename") {
            options.rename = true;
        } else {
            options.files.push_back(word);
            options.command += " " + word.substr(word.rfind('/') + 1);
        }
    }
    return options;
}

int train(int count, char** arguments) {
    const Options options = options_of(count, arguments);
    const std::vector<Text> texts = read(options);
    std::fprintf(stderr, "%zu rows\n", texts.size());
    if (options.report) {
        report_left_out(texts, options);
        return 0;
    }
    std::vector<const CodeRow*> rows;
    for (const Text& text : texts) {
        if (!is_bare(text.text, text.row.source)) {
            rows.push_back(&text.row);
        }
    }
    const TrainedCode trained = train_code(rows, options.how);
    Report report;
    for (const Text& text : texts) {
        judge(trained, text, options, report);
    }
    std::printf("on the rows it was trained with (the report by sources left out is --report)\n");
    print_report(report);
    return options.out.empty() || write_table(trained, options) ? 0 : 1;
}

}  // namespace
}  // namespace credence::guard

int main(int count, char** arguments) {
    return credence::guard::train(count, arguments);
}
