// Recall and false positives of find_code on labelled texts.
//
// usage: guard_code_quality FILE.jsonl [--half 0|1] [--misses N] [--source NAME] [--threshold T]
// [--time] One JSON object a line: text, label (1 harmful), source. --half takes every second row
// of a source.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <simdjson.h>

#include "capabilities/guard/code/code.h"

namespace {

using credence::guard::Detected;

struct Count {
    std::size_t rows = 0;
    std::size_t found = 0;
};

struct Options {
    std::string file;
    std::string source;
    int half = -1;
    int misses = 0;
    double threshold = 0.4;
};

// Wilson's interval at 95 %.
void print_rate(const char* what, const std::string& name, const Count& count) {
    const double n = static_cast<double>(count.rows);
    const double p = n == 0 ? 0 : static_cast<double>(count.found) / n;
    const double z = 1.96;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double wide = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    std::printf("%-8s %-44s %6zu / %6zu = %5.1f %%  [%4.1f, %4.1f]\n", what, name.c_str(),
                count.found, count.rows, 100 * p, 100 * (middle - wide), 100 * (middle + wide));
}

double strongest(const std::vector<Detected>& found) {
    double best = 0;
    for (const Detected& item : found) {
        best = std::max(best, item.confidence);
    }
    return best;
}

Options options_of(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        const char* value = i + 1 < count ? arguments[i + 1] : "0";
        if (word == "--half") {
            options.half = std::atoi(value);
            ++i;
        } else if (word == "--misses") {
            options.misses = std::atoi(value);
            ++i;
        } else if (word == "--source") {
            options.source = value;
            ++i;
        } else if (word == "--threshold") {
            options.threshold = std::atof(value);
            ++i;
        } else {
            options.file = word;
        }
    }
    return options;
}

}  // namespace

int main(int count, char** arguments) {
    const Options options = options_of(count, arguments);
    std::ifstream file(options.file);
    std::map<std::pair<int, std::string>, Count> counts;
    std::map<std::string, std::size_t> seen;
    std::array<Count, 2> totals{};
    std::string line;
    simdjson::dom::parser parser;
    double seconds = 0;
    std::size_t bytes = 0;
    while (std::getline(file, line)) {
        simdjson::dom::element row;
        std::string_view text_view;
        std::string_view source_view;
        std::int64_t label_value = 0;
        if (parser.parse(line).get(row) != simdjson::SUCCESS ||
            row["text"].get(text_view) != simdjson::SUCCESS ||
            row["source"].get(source_view) != simdjson::SUCCESS ||
            row["label"].get(label_value) != simdjson::SUCCESS) {
            continue;
        }
        const std::string text(text_view);
        const std::string source(source_view);
        const int label = label_value != 0 ? 1 : 0;
        if ((!options.source.empty() && source != options.source) ||
            (options.half >= 0 && static_cast<int>(seen[source]++ % 2) != options.half)) {
            continue;
        }
        std::vector<Detected> found;
        const auto begin = std::chrono::steady_clock::now();
        credence::guard::find_code(text, found);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        bytes += text.size();
        const bool hit = strongest(found) >= options.threshold;
        for (Count* total : {&counts[{label, source}], &totals[label != 0 ? 1 : 0]}) {
            ++total->rows;
            total->found += hit ? 1 : 0;
        }
        if (hit != (label != 0) && options.misses > 0) {
            std::printf("%s %s: %d %s\n", label != 0 ? "MISSED" : "FALSE", source.c_str(),
                        hit ? static_cast<int>(found[0].detector) : 0,
                        text.substr(0, static_cast<std::size_t>(options.misses)).c_str());
        }
    }
    for (const auto& [key, total] : counts) {
        print_rate(key.first != 0 ? "recall" : "false", key.second, total);
    }
    print_rate("recall", "all", totals[1]);
    print_rate("false", "all", totals[0]);
    std::printf("%.1f ns a byte over %zu bytes\n",
                bytes == 0 ? 0 : seconds * 1e9 / static_cast<double>(bytes), bytes);
    return 0;
}
