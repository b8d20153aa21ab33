// guard_stream_trial [TRIALS] [SEED]: cuts texts with planted matches at random places, feeds them
// to a StreamScanner and compares with the masking of the whole text. Then prints what scanning for
// personal data costs in chunks of several sizes. Exit status 1 when any trial differs.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "capabilities/guard/stream/pii_spans.h"
#include "capabilities/guard/stream/stream_planted.h"

namespace credence::guard {
namespace {

constexpr std::size_t kTexts = 4096;

struct Tally {
    long long trials = 0;
    long long differing = 0;
    unsigned long long leaked = 0;
    unsigned long long fed = 0;
    unsigned long long scanned = 0;
    std::size_t most_held = 0;
};

struct Case {
    std::string text;
    bool decoys = false;
    std::vector<StreamSpan> matches;
};

bool run_one(const Case& given, const SpanFinder& finder, StreamMode mode, std::mt19937_64& chance,
             Tally& tally) {
    StreamOptions options;
    options.mode = mode;
    const auto trial = run_trial(given.text, finder, options, chance);
    if (!trial) {
        return false;
    }
    const WholeText whole = mask_whole(given.text, given.matches, mode);
    const bool same = trial->released == whole.released && trial->blocked == whole.blocked;
    tally.differing += same ? 0 : 1;
    tally.leaked += given.decoys ? 0 : leaked_bytes(trial->released);
    tally.fed += given.text.size();
    tally.scanned += trial->scanned_bytes;
    tally.most_held = std::max(tally.most_held, trial->most_held_bytes);
    ++tally.trials;
    return true;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Nanoseconds a byte, in chunks of `chunk` bytes.
double cost_ns(const std::string& text, std::size_t chunk) {
    StreamOptions options;
    options.mode = StreamMode::mask;
    StreamScanner scanner([](std::string_view part) { return pii_spans(part, {}); }, options);
    const auto start = std::chrono::steady_clock::now();
    std::size_t released = 0;
    for (std::size_t at = 0; at < text.size(); at += chunk) {
        const auto output = scanner.feed(std::string_view(text).substr(at, chunk));
        released += output ? output->released.size() : 0;
    }
    const auto last = scanner.finish();
    released += last ? last->released.size() : 0;
    return released == 0 ? 0 : seconds_since(start) * 1e9 / static_cast<double>(text.size());
}

void print_costs() {
    std::string text;
    while (text.size() < 200'000) {
        text +=
            "We met at ten and wrote to ann@example.org about order 20231105; call +44 20 7946 "
            "0958. The rest of the page is plain prose about nothing in particular, as most "
            "pages are, so that a value stands in every fourth line or so.\n";
    }
    const auto start = std::chrono::steady_clock::now();
    const std::size_t found = pii_spans(text, {}).size();
    const double whole = seconds_since(start) * 1e9 / static_cast<double>(text.size());
    std::printf("personal data, whole text: %.1f ns/byte (%zu found)\n", whole, found);
    for (const std::size_t chunk : {4U, 16U, 64U, 256U, 1024U, 4096U, 200'000U}) {
        const double cost = cost_ns(text, chunk);
        std::printf("chunks of %6zu: %8.1f ns/byte, %7.2f us a chunk, %6.1f times the whole\n",
                    chunk, cost, cost * static_cast<double>(chunk) / 1000, cost / whole);
    }
}

using Find = std::vector<StreamSpan> (*)(std::string_view text);

std::vector<StreamSpan> find_personal_data(std::string_view text) {
    return pii_spans(text, {});
}

// False when any trial differs from the whole text. `own`: the finder knows every planted match, so
// that leaked bytes can be counted.
bool run_trials(const char* name, Find find, bool own, long long trials, std::uint64_t seed) {
    std::mt19937_64 chance(seed);
    std::vector<Case> cases(kTexts);
    for (std::size_t i = 0; i < kTexts; ++i) {
        cases[i].decoys = i % 2 == 1 || !own;
        cases[i].text = planted_text(chance, cases[i].decoys);
        cases[i].matches = find(cases[i].text);
    }
    Tally tally;
    const auto start = std::chrono::steady_clock::now();
    for (long long i = 0; i < trials; ++i) {
        const Case& given = cases[static_cast<std::size_t>(chance() % kTexts)];
        const StreamMode mode = i % 2 == 0 ? StreamMode::mask : StreamMode::block;
        if (!run_one(given, find, mode, chance, tally)) {
            std::printf("a scanner failed\n");
            return false;
        }
    }
    std::printf(
        "%s: trials %lld, differing from the whole text %lld, leaked bytes %llu, most held "
        "%zu bytes, scanned/fed %.1f, %.1f s\n",
        name, tally.trials, tally.differing, tally.leaked, tally.most_held,
        static_cast<double>(tally.scanned) / static_cast<double>(tally.fed), seconds_since(start));
    return tally.differing == 0 && tally.leaked == 0 &&
           tally.most_held <= StreamScanner::kMaxHoldBytes;
}

int run(long long trials, std::uint64_t seed) {
    const bool planted = run_trials("planted", find_planted, true, trials, seed);
    const bool real = run_trials("personal data", find_personal_data, false, trials / 50, seed);
    print_costs();
    return planted && real ? 0 : 1;
}

}  // namespace
}  // namespace credence::guard

int main(int argc, char** argv) {
    const long long trials = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
    const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    return credence::guard::run(trials, seed);
}
