#include "capabilities/guard/code/code_scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "capabilities/guard/code/code_features.h"
#include "capabilities/guard/code/code_learning.h"
#include "capabilities/guard/code/code_vocabulary.h"

namespace credence::guard {
namespace {

CodeRow row(std::string_view text, bool harmful) {
    CodeFeatures features;
    const auto set = features.of(text);
    CodeRow made;
    made.features.assign(set.begin(), set.end());
    made.source = harmful ? "a" : "b";
    made.harmful = harmful;
    made.fold = word_hash(text);
    return made;
}

std::vector<CodeRow> tiny_set() {
    std::vector<CodeRow> rows;
    for (const std::string_view text :
         {"sudo chmod 777 /etc/shadow", "chmod -R 777 /usr", "rm -rf /opt/app",
          "os.remove('/etc/hosts')", "sudo rm /boot/grub.cfg", "chmod 666 /etc/passwd"}) {
        rows.push_back(row(text, true));
    }
    for (const std::string_view text :
         {"ls -la src", "chmod 644 notes.txt", "rm -rf build", "print(len(items))", "git status",
          "cat notes.txt | wc -l"}) {
        rows.push_back(row(text, false));
    }
    return rows;
}

std::vector<const CodeRow*> pointers(const std::vector<CodeRow>& rows) {
    std::vector<const CodeRow*> all;
    for (const CodeRow& item : rows) {
        all.push_back(&item);
    }
    return all;
}

std::string prose(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        text += "The quarterly review went well, and everybody agreed to meet again in May. ";
    }
    return text;
}

double odds(std::string_view text) {
    CodeFeatures features;
    return code_log_odds(shipped_code_model(), features.of(text));
}

TEST(CodeLearning, SameRowsGiveTheSameWeights) {
    const auto rows = tiny_set();
    const CodeLearning how;
    const TrainedCode first = train_code(pointers(rows), how);
    const TrainedCode again = train_code(pointers(rows), how);
    EXPECT_EQ(first.weights, again.weights);
    EXPECT_EQ(first.threshold, again.threshold);
    EXPECT_EQ(std::ranges::max(first.weights), 127);
    EXPECT_EQ(std::ranges::count(first.weights, 0) < static_cast<long>(kFeatureBuckets), true);
}

TEST(CodeLearning, TellsTheTinySetApart) {
    const auto rows = tiny_set();
    const CodeFit fit = fit_code(pointers(rows), CodeLearning{});
    for (const CodeRow& item : rows) {
        EXPECT_EQ(log_odds(fit, item) > 0, item.harmful);
    }
}

TEST(CodeFeatures, InventedNamesDoNotMatter) {
    CodeFeatures one;
    CodeFeatures other;
    const auto a = one.of("with open(grades) as handle:\n    rows = handle.read()\n");
    const auto b = other.of("with open(malware) as victim:\n    evil = victim.read()\n");
    EXPECT_TRUE(std::ranges::equal(a, b));
    EXPECT_FALSE(std::ranges::equal(a, other.of("with open(x) as y:\n    z = y.write()\n")));
}

TEST(CodeFeatures, ReadsNoMoreThanAPiece) {
    CodeFeatures features;
    const std::string piece(kMaxPieceBytes, ';');
    const std::vector<std::uint16_t> whole = [&] {
        const auto set = features.of(piece);
        return std::vector<std::uint16_t>(set.begin(), set.end());
    }();
    EXPECT_TRUE(std::ranges::equal(whole, features.of(piece + " rm -rf /etc")));
}

TEST(CodeLook, ProseCostsHalfItsBytes) {
    const std::string text = prose(100'000);
    const CodeLook look = look_for_code(text);
    EXPECT_FALSE(look.is_code);
    EXPECT_LE(look.steps, text.size() / 2 + 64);
    EXPECT_TRUE(look_for_code("sudo rm -rf build").is_code);
    EXPECT_TRUE(look_for_code("whoami").is_code);
    EXPECT_FALSE(look_for_code("Where is the nearest station?").is_code);
    EXPECT_FALSE(look_for_code("").is_code);
}

TEST(CodeScorer, FindsMisuseThatNoTechniqueNames) {
    for (const std::string_view text :
         {"#!/bin/bash\nfor p in $(ps -eo pid); do\n  kill -9 $p\ndone\n",
          "import os\nfor name in os.listdir('/lib'):\n    os.remove('/lib/' + name)\n"}) {
        EXPECT_GE(odds(text), shipped_code_model().threshold) << text;
    }
}

TEST(CodeScorer, PassesOrdinaryWork) {
    for (const std::string_view text :
         {"git add -A && git commit -m wip", "ls -la src | head",
          "def area(r):\n    return 3.14159 * r * r\n", "SELECT name FROM books LIMIT 5",
          "find . -name '*.orig' -delete"}) {
        EXPECT_LT(odds(text), shipped_code_model().threshold) << text;
    }
}

TEST(CodeScorer, OnlyFlagsAndOnlyWhereOthersAreSilent) {
    const std::string_view text =
        "for svc in auditd fail2ban; do sudo systemctl disable $svc; done";
    std::vector<Detected> strong = {{Detector::shell_tampering, {0, 4}, 0.9}};
    score_silent_code(text, strong);
    EXPECT_EQ(strong.size(), 1U);
    std::vector<Detected> found = {{Detector::email, {0, 4}, 1.0}};
    score_silent_code(text, found);
    for (const Detected& item : found) {
        if (item.detector == Detector::code_structure) {
            EXPECT_TRUE(item.confidence >= kLeastStructureConfidence ||
                        item.confidence <= kMostDoubtConfidence);
            EXPECT_GT(item.confidence, 0);
            EXPECT_LE(item.confidence, kMostStructureConfidence);
            EXPECT_LE(item.span.end, text.size());
        }
    }
    std::vector<Detected> none;
    score_silent_code(prose(5000), none);
    EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace credence::guard
