#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "base/json.h"

namespace credence::log {
namespace {

thread_local std::vector<std::string> lines;

class Log : public ::testing::Test {
protected:
    Log() {
        lines.clear();
        set_level(Level::info);
    }
    ~Log() override {
        set_sink(nullptr);
        set_level(Level::info);
    }
    void collect() {
        set_sink([](std::string_view line) { lines.emplace_back(line); });
    }
};

// Without the time, which changes.
std::string rest_of(const std::string& line) {
    constexpr std::size_t kTimeBytes = sizeof(R"({"time":"2025-01-01T00:00:00.000000Z",)") - 1;
    EXPECT_EQ(line.substr(0, 11), R"({"time":"20)");
    EXPECT_EQ(line.substr(kTimeBytes - 3, 3), "Z\",");
    return line.substr(kTimeBytes);
}

TEST_F(Log, WritesOneObjectALine) {
    collect();
    info("claim verified", {{"claim", "c-1"},
                            {"accurate", true},
                            {"count", std::size_t{3}},
                            {"below", -4},
                            {"score", 0.5}});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(rest_of(lines[0]),
              R"("level":"info","event":"claim verified","claim":"c-1","accurate":true,)"
              R"("count":3,"below":-4,"score":0.5})");
}

TEST_F(Log, IsAlwaysValidJson) {
    collect();
    info("a \"quoted\"\n\x01 event \xFF", {{"k\"ey", "\\\t\xC0"},
                                           {"nan", std::nan("")},
                                           {"infinite", std::numeric_limits<double>::infinity()}});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(validate_json(lines[0]).has_value()) << lines[0];
    EXPECT_EQ(lines[0].find('\n'), std::string::npos);
    EXPECT_NE(lines[0].find(R"("nan":null,"infinite":null)"), std::string::npos);
}

TEST_F(Log, CutsLongValues) {
    collect();
    info("long", {{"text", std::string(1 << 20, 'x')}});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_LT(lines[0].size(), 10'000U);
    EXPECT_TRUE(validate_json(lines[0]).has_value());
}

TEST_F(Log, KeepsToItsLevel) {
    collect();
    debug("no");
    set_level(Level::warning);
    EXPECT_FALSE(enabled(Level::info));
    EXPECT_TRUE(enabled(Level::error));
    info("no");
    warning("yes");
    error("yes");
    set_level(Level::off);
    error("no");
    set_level(Level::debug);
    debug("yes");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(rest_of(lines[0]), R"("level":"warning","event":"yes"})");
    EXPECT_EQ(rest_of(lines[1]), R"("level":"error","event":"yes"})");
    EXPECT_EQ(rest_of(lines[2]), R"("level":"debug","event":"yes"})");
}

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST_F(Log, IsWrittenToStderrByFlush) {
    testing::internal::CaptureStderr();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 1000; ++i) {
                info("from a thread", {{"thread", t}, {"i", i}});
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    flush();
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(count_of(text, "\n"), 4000U);
    EXPECT_EQ(count_of(text, R"("event":"from a thread")"), 4000U);
    EXPECT_NE(text.find(R"("thread":3,"i":999})"), std::string::npos);
}

// Replaces stderr by a pipe nobody reads until drain() does.
class StuckStderr {
public:
    StuckStderr() : kept_(dup(STDERR_FILENO)) {
        EXPECT_EQ(pipe(ends_.data()), 0);
        dup2(ends_[1], STDERR_FILENO);
        close(ends_[1]);
    }
    ~StuckStderr() {
        close(ends_[0]);
        close(kept_);
    }
    // Reads until restore() closed the last writing end.
    std::string drain() const {
        std::string text;
        std::array<char, 65'536> buffer{};
        for (ssize_t got = 1; got > 0;) {
            got = read(ends_[0], buffer.data(), buffer.size());
            text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        }
        return text;
    }
    void restore() const { dup2(kept_, STDERR_FILENO); }

private:
    int kept_;
    std::array<int, 2> ends_{};
};

TEST_F(Log, DropsAndCountsWhenStuckButNeverWarnings) {
    constexpr std::size_t kLines = 3000;  // 12 MB: more than the waiting and the written buffer
    flush();
    const StuckStderr stuck;
    const std::string filler(4000, 'x');
    for (std::size_t i = 0; i < kLines; ++i) {
        info("filler", {{"text", filler}});
    }
    std::thread warner([] {
        for (int i = 0; i < 100; ++i) {
            warning("must not be lost", {{"i", i}});
        }
    });
    std::string text;
    std::thread reader([&] { text = stuck.drain(); });
    warner.join();
    flush();
    stuck.restore();
    reader.join();

    EXPECT_EQ(count_of(text, "must not be lost"), 100U);
    const std::size_t at = text.find(R"("event":"log lines dropped","count":)");
    ASSERT_NE(at, std::string::npos);
    std::size_t dropped = 0;
    constexpr std::string_view kEvent = R"("event":"log lines dropped","count":)";
    for (std::size_t i = text.find(kEvent); i != text.npos; i = text.find(kEvent, i + 1)) {
        dropped += std::stoul(text.substr(i + kEvent.size()));
    }
    EXPECT_GT(dropped, 0U);
    EXPECT_EQ(count_of(text, R"("event":"filler")") + dropped, kLines);
}

}  // namespace
}  // namespace credence::log
