#include "engine/net/request_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace credence::net {
namespace {

using Step = RequestReader::Step;

constexpr RequestReader::Limits kLimits{.max_head_bytes = 1024, .max_body_bytes = 100};

// Everything that comes out of the bytes, as one text.
std::string outcome(std::string_view bytes, std::size_t piece) {
    RequestReader reader(kLimits);
    std::string out;
    while (true) {
        while (true) {
            const Step step = reader.next();
            if (step == Step::refused) {
                return out + "refused " + std::to_string(reader.refusal().status);
            }
            if (step == Step::need_more) {
                break;
            }
            const HttpRequest request = reader.request();
            out += std::string(request.method) + " " + std::string(request.path) + " ?" +
                   std::string(request.query) + " [" + std::string(request.body) + "] ";
            reader.consume();
        }
        if (bytes.empty()) {
            return out + (reader.empty() ? "end" : "more");
        }
        reader.append(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
}

struct Case {
    std::string name;
    std::string bytes;
    std::string expected;
};

std::string posted(std::string_view fields, std::string_view body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::vector<Case> cases() {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    return {
        {"plain", "GET /p?q=1&r HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p ?q=1&r [] end"},
        {"body", posted("Content-Length: 3\r\n", "abc"), "POST / ? [abc] end"},
        {"pipelined",
         posted("Content-Length: 3\r\n", "abc") + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGE",
         "POST / ? [abc] GET /2 ? [] more"},
        {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / ? [] end"},
        {"absolute form", "GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET /p ?q [] end"},
        {"star", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * ? [] end"},
        {"http 1.0 without host", "GET / HTTP/1.0\r\n\r\n", "GET / ? [] end"},
        {"chunks", posted(chunked, "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), "POST / ? [abcde] end"},
        {"trailer", posted(chunked, "1\r\na\r\n0\r\nX: y\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"),
         "POST / ? [a] GET /2 ? [] end"},
        {"unfinished", "GET / HTTP/1.1\r\nHost: a\r\n", "more"},
        {"no host", "GET / HTTP/1.1\r\n\r\n", "refused 400"},
        {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "refused 400"},
        {"both lengths", posted("Content-Length: 3\r\n" + chunked, "0\r\n\r\n"), "refused 400"},
        {"both lengths, other order", posted(chunked + "Content-Length: 3\r\n", "0\r\n\r\n"),
         "refused 400"},
        {"length and unknown coding",
         posted("Content-Length: 3\r\nTransfer-Encoding: x\r\n", "abc"), "refused 400"},
        {"same length twice", posted("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
         "refused 400"},
        {"length list", posted("Content-Length: 3, 3\r\n", "abc"), "refused 400"},
        {"signed length", posted("Content-Length: +3\r\n", "abc"), "refused 400"},
        {"huge length", posted("Content-Length: 99999999999999999999\r\n", ""), "refused 400"},
        {"length over limit", posted("Content-Length: 101\r\n", ""), "refused 413"},
        {"chunks over limit", posted(chunked, "64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n"),
         "refused 413"},
        {"unknown coding", posted("Transfer-Encoding: gzip\r\n", ""), "refused 501"},
        {"stacked coding", posted("Transfer-Encoding: gzip, chunked\r\n", ""), "refused 501"},
        {"coding twice", posted(chunked + chunked, "0\r\n\r\n"), "refused 400"},
        {"chunked in 1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n", "refused 400"},
        {"bad chunk size", posted(chunked, "xyz\r\n"), "refused 400"},
        {"hex prefix", posted(chunked, "0x1\r\na\r\n0\r\n\r\n"), "refused 400"},
        {"negative chunk", posted(chunked, "-1\r\n"), "refused 400"},
        {"chunk size overflow", posted(chunked, "fffffffffffffffff\r\n"), "refused 400"},
        {"chunk without its end", posted(chunked, "1\r\nabc\r\n0\r\n\r\n"), "refused 400"},
        {"chunk, bare LF", posted(chunked, "1\na\n0\n\n"), "refused 400"},
        {"long chunk line", posted(chunked, "1;" + std::string(300, 'x')), "refused 400"},
        {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "refused 400"},
        {"folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "refused 400"},
        {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", "refused 400"},
        {"NUL in a value", std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29), "refused 400"},
        {"bare CR", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", "refused 400"},
        {"noise", "\x16\x03\x01", "refused 400"},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused 505"},
        {"no version", "GET /\r\n\r\n", "refused 400"},
        {"authority form", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
        {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
        {"byte above 127", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400"},
        {"long head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1024, 'x'), "refused 431"},
        {"other expectation", posted("Expect: magic\r\n", ""), "refused 417"},
    };
}

TEST(RequestReader, GivesTheSameOutcomeHoweverBytesAreCut) {
    for (const Case& one : cases()) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3},
                                        std::size_t{7}, std::size_t{100}, one.bytes.size()}) {
            EXPECT_EQ(outcome(one.bytes, piece), one.expected) << one.name << ", cut " << piece;
        }
    }
}

TEST(RequestReader, RefusesTooManyFields) {
    RequestReader reader({.max_head_bytes = 16 * 1024, .max_body_bytes = 1});
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 0; i < RequestReader::kMaxFields; ++i) {
        head += "X: y\r\n";
    }
    reader.append(head + "\r\n");
    ASSERT_EQ(reader.next(), Step::refused);
    EXPECT_EQ(reader.refusal().status, 431);
}

TEST(RequestReader, FindsHeadersIgnoringCase) {
    RequestReader reader(kLimits);
    reader.append("GET / HTTP/1.1\r\nHost: a\r\nX-One:   padded \t\r\nEmpty:\r\n\r\n");
    ASSERT_EQ(reader.next(), Step::ready);
    EXPECT_EQ(reader.request().header("x-one"), "padded");
    EXPECT_EQ(reader.request().header("EMPTY"), "");
    EXPECT_EQ(reader.request().header("absent"), "");
    EXPECT_EQ(reader.header_count("HOST"), 1U);
    EXPECT_TRUE(reader.keep_alive());
}

TEST(RequestReader, KnowsWhetherTheConnectionStays) {
    const auto keeps = [](std::string_view head) {
        RequestReader reader(kLimits);
        reader.append(head);
        EXPECT_EQ(reader.next(), Step::ready);
        return reader.keep_alive();
    };
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, AsksForContinueOnceAndOnlyWhileTheBodyIsAway) {
    RequestReader reader(kLimits);
    reader.append(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(reader.next(), Step::need_more);
    EXPECT_TRUE(reader.take_continue());
    EXPECT_FALSE(reader.take_continue());
    reader.append("ab");
    ASSERT_EQ(reader.next(), Step::ready);
    EXPECT_EQ(reader.request().body, "ab");

    RequestReader eager(kLimits);
    eager.append(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na");
    EXPECT_EQ(eager.next(), Step::need_more);
    EXPECT_FALSE(eager.take_continue());
}

TEST(RequestReader, TakesMemoryOnlyForWhatCame) {
    RequestReader reader({.max_head_bytes = 1024, .max_body_bytes = std::size_t{1} << 30});
    reader.append("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nx");
    EXPECT_EQ(reader.next(), Step::need_more);
    EXPECT_LE(reader.prepare().size(), RequestReader::kFirstBufferBytes);
}

TEST(RequestReader, KeepsFieldsWhileALargeBodyMovesTheBuffer) {
    RequestReader reader({.max_head_bytes = 1024, .max_body_bytes = 1'000'000});
    const std::string body(500'000, 'b');
    reader.append("POST /p HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 500000\r\n\r\n");
    EXPECT_EQ(reader.next(), Step::need_more);
    reader.append(body + "GET /next HTTP/1.0\r\n\r\n");
    ASSERT_EQ(reader.next(), Step::ready);
    EXPECT_EQ(reader.request().header("X"), "y");
    EXPECT_EQ(reader.request().path, "/p");
    EXPECT_EQ(reader.request().body, body);
    reader.consume();
    ASSERT_EQ(reader.next(), Step::ready);
    EXPECT_EQ(reader.request().path, "/next");
    reader.consume();
    EXPECT_TRUE(reader.empty());
    EXPECT_FALSE(reader.holds_buffer());  // it had grown too large to keep
}

TEST(RequestReader, KeepsFieldsWhileChunksPassThrough) {
    RequestReader reader({.max_head_bytes = 1024, .max_body_bytes = 1'000'000});
    reader.append("POST /p HTTP/1.1\r\nHost: a\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string body;
    for (int i = 0; i < 1000; ++i) {
        const std::string part(static_cast<std::size_t>(1 + i % 15),
                               static_cast<char>('a' + i % 26));
        body += part;
        EXPECT_EQ(reader.next(), Step::need_more);
        reader.append(std::string(1, "0123456789abcdef"[part.size()]) + "\r\n" + part + "\r\n");
    }
    reader.append("0\r\n\r\n");
    ASSERT_EQ(reader.next(), Step::ready);
    EXPECT_EQ(reader.request().body, body);
    EXPECT_EQ(reader.request().header("x"), "y");
}

}  // namespace
}  // namespace credence::net
