// guard_pii_speed: nanoseconds a byte of find_pii on ordinary and on hostile texts, best of several
// runs.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string>

#include "capabilities/guard/pii/pii.h"

namespace credence::guard {
namespace {

constexpr int kRuns = 7;

std::string repeated(std::string_view part, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += part;
    }
    text.resize(size);
    return text;
}

void measure(std::string_view name, const std::string& text, int repeats) {
    double best = 1e18;
    std::size_t count = 0;
    for (int run = 0; run < kRuns; ++run) {
        const std::clock_t start = std::clock();  // of this process: other programs do not count
        for (int i = 0; i < repeats; ++i) {
            std::vector<Detected> found;
            find_pii(text, found);
            count = found.size();
        }
        const double took_us = static_cast<double>(std::clock() - start) * 1e6 / CLOCKS_PER_SEC;
        best = std::min(best, took_us / repeats);
    }
    fmt::print("{:24} {:9} bytes {:10.2f} us {:7.2f} ns/byte, {} found\n", name, text.size(), best,
               best * 1000 / static_cast<double>(text.size()), count);
}

void run() {
    constexpr std::size_t kLarge = 1U << 20U;
    constexpr std::string_view kProse =
        "The committee met on Tuesday to discuss the harbour. Most members agreed that the old "
        "crane should stay, "
        "since visitors like it; a few wanted it gone. After an hour the chair closed the meeting, "
        "and everybody went "
        "to see the boats come in before the storm. Nobody spoke about money, which surprised the "
        "treasurer. ";
    measure("prose 1 KB", repeated(kProse, 1024), 20'000);
    measure("prose 1 MB", repeated(kProse, kLarge), 3);
    const std::pair<std::string_view, std::string_view> hostile[] = {
        {"digits", "7"},
        {"pairs", "1 "},
        {"bad social security", "219-00-9998 "},
        {"nine digits", "219009998 "},
        {"ten digits", "5190099981 "},
        {"bad cards", "4111 1111 1111 1112 "},
        {"bad IBAN", "DE89 3704 0044 0532 0130 01 "},
        {"at signs", "@"},
        {"almost mail", "a@b "},
        {"long local parts",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@"},
        {"colons", ":"},
        {"hex colons", "ab:"},
        {"equal signs", "="},
        {"assignments", "password=x token: y "},
        {"dots", "."},
        {"dotted letters", "a.b."},
        {"dotted digits", "1.2.3.256 "},
        {"hyphens", "-"},
        {"key headers", "-----BEGIN "},
        {"long token", "aB3"},
        {"wrong addresses", "1BoatSLRHtKNngkdXEeobR76b53LETtpyU "},
        {"cue words", "phone passport 12 "},
        {"wide cues", "电话电话电话电话1"},
        {"dates", "31 february 1 march "},
        {"brackets", "(0) (1) "},
        {"plus", "+1 "},
        {"letters and digits", "a1 "},
        {"lead groups", "AB 12 CD 34 "},
        {"schemes", "a://b "},
        {"quotes", "\"\"@"},
    };
    for (const auto& [name, part] : hostile) {
        measure(name, repeated(part, kLarge), 1);
    }
}

}  // namespace
}  // namespace credence::guard

int main() {
    credence::guard::run();
    return 0;
}
