// Recall and precision on generated values in own sentences, and on texts full of look-alikes.
#include <gtest/gtest.h>

#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/pii/pii_fixture.h"

namespace credence::guard {
namespace {

constexpr double kGoal = 0.98;
constexpr int kPerCase = 20;

// Before the value, between its name and the value, and behind.
struct Frame {
    std::string_view before;
    std::string_view middle;
    std::string_view behind;
};

constexpr Frame kFrames[] = {
    {"My ", " is ", "."},
    {"Please note the ", " ", " for our records."},
    {"", ": ", ""},
    {"The customer gave ", " number ", ", then hung up."},
    {"We still need your ", "; the file says ", " but that may be old."},
    {"\"", "\": \"", "\","},
    {"Update the ", " to ", " please"},
    {"- ", " = ", "\n- next"},
    {"Hi, ", " ", " ok? thanks"},
    {"(", " ", ")"},
    {"Meine ", " lautet ", "."},
    {"Bitte prüfen Sie ", " ", ", danke."},
    {"Die ", " ist ", " und gilt noch."},
    {"Mi ", " es ", "."},
    {"Necesito cambiar el ", " ", " hoy mismo."},
    {"Mon ", " est ", "."},
    {"Voici le ", " : ", ", merci."},
    {"Il mio ", " è ", "."},
    {"O meu ", " é ", "."},
    {"Mijn ", " is ", "."},
    {"Mój ", " to ", "."},
    {"Mitt ", " är ", "."},
    {"Benim ", " ", "."},
    {"Мой ", " ", "."},
    {"我的 ", " 是 ", "。"},
    {"私の ", " は ", " です。"},
    {"제 ", " ", " 입니다."},
    {"a,b\n", ",", ",c"},
    {"<td>", "</td><td>", "</td>"},
    {"Form field ", "\t", "\tend"},
};

struct Drawn {
    std::string text;
    ByteSpan span;
};

Drawn sentence(const Frame& frame, std::string_view word, const std::string& value) {
    Drawn drawn;
    drawn.text = std::string(frame.before) + std::string(word) + std::string(frame.middle);
    drawn.span = {drawn.text.size(), drawn.text.size() + value.size()};
    drawn.text += value + std::string(frame.behind);
    return drawn;
}

std::vector<Detected> found_in(const std::string& text) {
    std::vector<Detected> found;
    find_pii(text, found);
    return found;
}

bool is_address(Detector detector) {
    return detector == Detector::public_address || detector == Detector::private_address;
}

TEST(PiiQuality, FindsGeneratedValuesWhereTheyStand) {
    PiiGenerator generator(20'240'512);
    int all = 0;
    int hits = 0;
    for (const PiiCase& item : pii_cases()) {
        int here = 0;
        std::string missed;
        for (int i = 0; i < kPerCase; ++i) {
            const Frame& frame = kFrames[generator.pick(std::size(kFrames))];
            const std::string value = generator.number(item.spelling, item.check, true);
            ASSERT_FALSE(value.empty()) << item.word;
            const Drawn drawn = sentence(frame, item.word, value);
            const auto found = found_in(drawn.text);
            const bool hit = std::any_of(found.begin(), found.end(), [&](const Detected& detected) {
                return (detected.detector == item.detector ||
                        (is_address(detected.detector) && is_address(item.detector))) &&
                       detected.span == drawn.span;
            });
            here += hit ? 1 : 0;
            missed = hit ? missed : drawn.text;
        }
        all += kPerCase;
        hits += here;
        EXPECT_GE(here, kPerCase * 8 / 10) << pii_kind(item.detector)->name << ": " << missed;
    }
    EXPECT_GE(hits, all * kGoal) << hits << " of " << all;
}

TEST(PiiQuality, LeavesNearlyValidValuesAlone) {
    PiiGenerator generator(7);
    int all = 0;
    int claimed = 0;
    std::string wrong;
    for (const PiiCase& item : pii_cases()) {
        for (int i = 0; i < kPerCase; ++i) {
            const std::string value = generator.spelt(item.spelling);
            std::string compact;
            for (const char c : value) {
                if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
                    compact += c;
                }
            }
            if (item.check(compact)) {
                continue;
            }
            ++all;
            const Drawn drawn = sentence(kFrames[2], item.word, value);
            for (const Detected& detected : found_in(drawn.text)) {
                if (detected.detector == item.detector) {
                    ++claimed;
                    wrong += drawn.text + '\n';
                }
            }
        }
    }
    EXPECT_GT(all, 1000);
    EXPECT_EQ(claimed, 0) << wrong;
}

TEST(PiiQuality, LookAlikesAreNotClaimed) {
    ASSERT_GE(look_alikes().size(), 150U);
    std::size_t wrong = 0;
    std::string report;
    for (const std::string& text : look_alikes()) {
        const auto found = found_in(text);
        wrong += found.empty() ? 0 : 1;
        for (const Detected& item : found) {
            report += std::string(pii_kind(item.detector)->name) + ": " + text + '\n';
        }
    }
    EXPECT_LE(static_cast<double>(wrong), static_cast<double>(look_alikes().size()) * (1 - kGoal))
        << report;
}

TEST(PiiQuality, FindingsNeverOverlap) {
    PiiGenerator generator(11);
    PiiOptions options;
    options.kinds = all_pii(true);
    options.include_partial = true;
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (int part = 0; part < 4; ++part) {
            const PiiCase& item = pii_cases()[generator.pick(pii_cases().size())];
            text += std::string(item.word) + ' ' + generator.spelt(item.spelling) +
                    "@ :=.-/"[generator.pick(7)];
        }
        std::vector<Detected> found;
        find_pii(text, options, found);
        for (std::size_t k = 0; k < found.size(); ++k) {
            ASSERT_LT(found[k].span.start, found[k].span.end) << text;
            ASSERT_LE(found[k].span.end, text.size()) << text;
            ASSERT_TRUE(k == 0 || found[k - 1].span.end <= found[k].span.start) << text;
        }
    }
}

}  // namespace
}  // namespace credence::guard
