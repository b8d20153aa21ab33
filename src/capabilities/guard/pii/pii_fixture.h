// Values of every checksummed kind, made from a seed, for the quality tests. Test code.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

// Draws numbers of a spelling (9 a digit, A a capital, # either; anything else is itself) until one
// passes the check.
class PiiGenerator {
public:
    explicit PiiGenerator(std::uint32_t seed) : random_(seed) {}

    std::string spelt(std::string_view spelling) {
        std::string out;
        for (const char c : spelling) {
            out += c == '9'   ? digit()
                   : c == 'A' ? letter()
                   : c == '#' ? (pick(2) == 0 ? digit() : letter())
                              : c;
        }
        return out;
    }

    // The number that passes, or with `valid` false one that does not.
    std::string number(std::string_view spelling, IdCheck check, bool valid) {
        constexpr int kMaxTries = 2'000'000;
        for (int i = 0; i < kMaxTries; ++i) {
            const std::string drawn = spelt(spelling);
            std::string compact;
            for (const char c : drawn) {
                if (c != ' ' && c != '-' && c != '.' && c != '/' && c != '(' && c != ')') {
                    compact += c;
                }
            }
            if (check(compact) == valid) {
                return drawn;
            }
        }
        return {};
    }

    std::size_t pick(std::size_t count) { return random_() % count; }

private:
    char digit() { return static_cast<char>('0' + random_() % 10); }
    char letter() { return static_cast<char>('A' + random_() % 26); }

    std::mt19937 random_;
};

// What is drawn, and the words that a sentence says before it.
struct PiiCase {
    Detector detector;
    std::string_view spelling;
    IdCheck check;
    std::string_view word;
    std::string_view near_miss_spelling = {};  // when a wrong number must be drawn otherwise
};

const std::vector<PiiCase>& pii_cases();

// Texts without personal data that are full of numbers, hashes, versions and code.
const std::vector<std::string>& look_alikes();

}  // namespace credence::guard
