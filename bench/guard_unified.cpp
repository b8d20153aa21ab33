#include "guard_unified.h"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "capabilities/guard/inspector.h"

namespace {

using credence::guard::Inspect;
using credence::guard::Inspector;
using credence::guard::Model;
using credence::guard::RuleSet;

constexpr std::size_t kTexts = 101;  // different ones, so that no cache and no predictor knows them

const Inspector& inspector() {
    static const credence::SystemClock clock;
    static const std::shared_ptr<const RuleSet> rules = *RuleSet::load_embedded();
    static const auto model = *Model::load_embedded(rules->signal_names());
    static const Inspector instance({.rules = [] { return rules; },
                                     .model = model.get(),
                                     .memory = {},
                                     .clock = &clock,
                                     .limits = {}});
    return instance;
}

std::vector<std::string> benign_rows() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(CREDENCE_SOURCE_ROOT).parent_path() / "corpus/guard")) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::vector<std::string> rows;
    for (const auto& file : files) {
        std::ifstream in(file);
        for (std::string line; std::getline(in, line);) {
            const auto row = nlohmann::json::parse(line);
            if (row["label"] == 0) {
                rows.push_back(row["text"]);
            }
        }
    }
    return rows;
}

std::vector<std::string> traffic(std::size_t size) {
    static const std::vector<std::string> rows = benign_rows();
    std::vector<std::string> texts(kTexts);
    std::size_t next = 0;
    for (std::string& text : texts) {
        while (text.size() < size) {
            text += rows[next] + "\n";
            next = (next + 97) % rows.size();  // from all files and kinds
        }
        text.resize(size);
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) {
            text.pop_back();  // perhaps the middle of a character
        }
    }
    return texts;
}

std::vector<std::string> variants_of(std::string_view prose, std::size_t size) {
    std::vector<std::string> texts(kTexts);
    for (std::size_t i = 0; i < kTexts; ++i) {
        texts[i] = std::to_string(i) + " ";
        while (texts[i].size() < size) {
            texts[i] += prose;
        }
        texts[i].resize(size);
    }
    return texts;
}

void inspect_all(benchmark::State& state, const std::vector<std::string>& texts) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> times;
    std::size_t next = 0;
    for (auto _ : state) {
        const auto start = Clock::now();
        benchmark::DoNotOptimize(
            inspector().inspect(Inspect{.text = texts[next], .task = {}}).value().judgement);
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
        next = (next + 1) % texts.size();
    }
    std::ranges::sort(times);
    state.counters["median_us"] = times[times.size() / 2];
    state.counters["p99_us"] = times[times.size() * 99 / 100];
}

void register_texts(const std::string& name, std::vector<std::string> texts) {
    benchmark::RegisterBenchmark(name.c_str(), [texts = std::move(texts)](benchmark::State& state) {
        inspect_all(state, texts);
    });
}

}  // namespace

void register_unified(std::string_view prose) {
    for (const std::size_t size : {500U, 1024U, 10U << 10U}) {
        register_texts("unified/prose/" + std::to_string(size), variants_of(prose, size));
        register_texts("unified/traffic/" + std::to_string(size), traffic(size));
    }
}
