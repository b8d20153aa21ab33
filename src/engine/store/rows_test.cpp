#include <gtest/gtest.h>

#include "engine/store/testing.h"

namespace credence::store {

enum class Colour : std::uint8_t { red, green };

struct Inner {
    std::int64_t depth = 0;
};
void describe(Describe<Inner>& d) {
    d.field<&Inner::depth>("Depth");
}

struct Everything {
    std::int64_t whole = 0;
    std::uint8_t small = 0;
    bool flag = false;
    double fraction = 0;
    std::string words;
    Colour colour = Colour::red;
    RequestId id;
    RawJson raw;
    Inner inner;
    std::vector<std::string> list;
    std::optional<std::int64_t> maybe;
    std::optional<std::string> perhaps;
};
void describe(Describe<Everything>& d) {
    d.field<&Everything::whole>("Whole");
    d.field<&Everything::small>("Small");
    d.field<&Everything::flag>("Flag");
    d.field<&Everything::fraction>("Fraction");
    d.field<&Everything::words>("Words");
    d.field<&Everything::colour>("Colour");
    d.field<&Everything::id>("Id");
    d.field<&Everything::raw>("Raw");
    d.field<&Everything::inner>("Inner");
    d.field<&Everything::list>("List");
    d.field<&Everything::maybe>("Maybe");
    d.field<&Everything::perhaps>("Perhaps");
}

namespace {

class RowsTest : public testing::Test {
protected:
    SystemClock clock_;
    Metrics metrics_;
    std::unique_ptr<Database> database_ = open_or_die(at_path(":memory:"), clock_, metrics_);
};

TEST_F(RowsTest, ReadsRowsAsDescribedStructs) {
    const auto read = database_->read([](Tx& tx) -> Result<std::vector<Everything>> {
        const Rows rows =
            TRY(tx.query("SELECT 7 AS whole, 255 AS small, 1 AS flag, 2 AS fraction, 'w' AS words,"
                         " 'green' AS colour, '01938f3e-0000-7000-8000-0000000000ff' AS id,"
                         " '{\"x\":1}' AS raw, '{\"depth\":3}' AS inner, '[\"p\",\"q\"]' AS list,"
                         " NULL AS maybe, 'here' AS perhaps"));
        return rows.as<Everything>();
    });
    ASSERT_TRUE(read) << read.error().message;
    const Everything& value = read->front();
    EXPECT_EQ(value.whole, 7);
    EXPECT_EQ(value.small, 255);
    EXPECT_TRUE(value.flag);
    EXPECT_EQ(value.fraction, 2.0);
    EXPECT_EQ(value.words, "w");
    EXPECT_EQ(value.colour, Colour::green);
    EXPECT_EQ(value.id.to_string(), "01938f3e-0000-7000-8000-0000000000ff");
    EXPECT_EQ(value.raw.text, "{\"x\":1}");
    EXPECT_EQ(value.inner.depth, 3);
    EXPECT_EQ(value.list, (std::vector<std::string>{"p", "q"}));
    EXPECT_FALSE(value.maybe);
    EXPECT_EQ(value.perhaps, "here");
}

TEST_F(RowsTest, RefusesRowsThatDoNotFit) {
    for (const char* sql :
         {"SELECT 'x' AS depth", "SELECT NULL AS depth", "SELECT 1.5 AS depth", "SELECT 1 AS other",
          "SELECT 1 AS depth, 2 AS other", "SELECT 1 AS depth, 2 AS depth"}) {
        const auto read = database_->read(
            [&](Tx& tx) -> Result<std::vector<Inner>> { return TRY(tx.query(sql)).as<Inner>(); });
        ASSERT_FALSE(read) << sql;
        EXPECT_EQ(read.error().code, Code::internal) << sql;
    }
}

}  // namespace
}  // namespace credence::store
