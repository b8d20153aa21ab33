#include "capabilities/patterns/search/words.h"

#include <gtest/gtest.h>

namespace credence::patterns {
namespace {

using Words = std::vector<std::string>;

TEST(Words, ComeApartAndFold) {
    EXPECT_EQ(words_of("Retry, with back-off!"), (Words{"retry", "with", "back", "off"}));
    EXPECT_EQ(words_of("parseHttpURL snake_case k8s"),
              (Words{"parse", "http", "url", "snake", "case", "k8s"}));
    EXPECT_EQ(words_of("C++ or c# or c"), (Words{"cplusplus", "or", "csharp", "or", "c"}));
    EXPECT_EQ(words_of("na\xc3\xafve \xf0\x9f\x9a\x80"),
              (Words{"na\xc3\xafve", "\xf0\x9f\x9a\x80"}));
    EXPECT_EQ(words_of(std::string("a\0b", 3)), (Words{"a", "b"}));
    EXPECT_TRUE(words_of(" \"*^:()-+ ").empty());
}

TEST(Words, AreBounded) {
    EXPECT_EQ(words_of("a b c d", 3), (Words{"a", "b", "c"}));
    const Words cut = words_of(std::string(1000, 'x'));
    ASSERT_EQ(cut.size(), 1U);
    EXPECT_EQ(cut[0].size(), kMaxWordBytes);
}

TEST(Words, StemsJoinTheFormsOfAWord) {
    for (const auto& family : std::vector<Words>{{"cache", "caches", "cached", "caching"},
                                                 {"retry", "retries"},
                                                 {"validate", "validation", "validated"},
                                                 {"deploy", "deployment", "deploys", "deployed"},
                                                 {"set", "setting", "settings"},
                                                 {"index", "indexes", "indexed"},
                                                 {"migrate", "migration", "migrations"},
                                                 {"batch", "batches", "batching"}}) {
        for (const std::string& word : family) {
            EXPECT_EQ(stem_of(word), stem_of(family[0])) << word;
        }
    }
    EXPECT_NE(stem_of("process"), stem_of("processor"));
    EXPECT_EQ(stem_of("redis"), "redis");
    EXPECT_EQ(stem_of("class"), "class");
    EXPECT_EQ(stem_of("k8s"), "k8s");
    EXPECT_EQ(stem_of("string"), "string");
}

TEST(Words, VocabularyWeighsAndRelates) {
    const Vocabulary vocabulary;
    EXPECT_TRUE(vocabulary.is_stop_word("the"));
    EXPECT_FALSE(vocabulary.is_stop_word("deadlock"));
    EXPECT_EQ(vocabulary.weight("the", "the"), 8);
    EXPECT_EQ(vocabulary.weight("using", stem_of("using")), 96);
    EXPECT_EQ(vocabulary.weight("404", "404"), 160);
    EXPECT_EQ(vocabulary.weight("deadlock", "deadlock"), 256);
    const auto share = [&](const char* a, const char* b) {
        for (const std::uint32_t meaning : vocabulary.meanings(stem_of(a))) {
            for (const std::uint32_t other : vocabulary.meanings(stem_of(b))) {
                if (meaning == other) {
                    return true;
                }
            }
        }
        return false;
    };
    EXPECT_TRUE(share("db", "databases"));
    EXPECT_TRUE(share("k8s", "kubernetes"));
    EXPECT_TRUE(share("perf", "performance"));
    EXPECT_TRUE(share("auth", "login"));
    EXPECT_FALSE(share("db", "kubernetes"));
    EXPECT_TRUE(vocabulary.meanings("zebra").empty());
}

}  // namespace
}  // namespace credence::patterns
