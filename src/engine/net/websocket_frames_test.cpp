#include "engine/net/websocket_frames.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/net/websocket.h"

namespace credence::net {
namespace {

using Event = FrameReader::Event;

// A client's frame: masked. `first` is the byte with FIN and the opcode.
std::string masked(int first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    if (payload.size() <= 125) {
        frame += static_cast<char>(0x80 | payload.size());
    } else {
        frame += static_cast<char>(0x80 | 126);
        frame += static_cast<char>(payload.size() >> 8);
        frame += static_cast<char>(payload.size() & 0xff);
    }
    const std::string mask = "\x11\x22\x33\x44";
    frame += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return frame;
}

std::uint16_t failure_of(std::string_view bytes) {
    FrameReader reader(100);
    reader.append(bytes);
    return reader.next() == Event::failed ? reader.code() : 0;
}

TEST(WebSocketFrames, ReadsAMessageByteByByte) {
    FrameReader reader(100);
    const std::string frame = masked(0x81, "h\xc3\xa9llo");
    for (const char c : frame.substr(0, frame.size() - 1)) {
        reader.append({&c, 1});
        ASSERT_EQ(reader.next(), Event::need_more);
    }
    reader.append(frame.substr(frame.size() - 1));
    ASSERT_EQ(reader.next(), Event::text);
    EXPECT_EQ(reader.payload(), "h\xc3\xa9llo");
    EXPECT_EQ(reader.next(), Event::need_more);
}

TEST(WebSocketFrames, JoinsFragmentsAroundControlFrames) {
    FrameReader reader(100);
    reader.append(masked(0x01, "one ") + masked(0x89, "p") + masked(0x00, "two ") +
                  masked(0x80, "three") + masked(0x81, "next"));
    ASSERT_EQ(reader.next(), Event::ping);
    EXPECT_EQ(reader.payload(), "p");
    ASSERT_EQ(reader.next(), Event::text);
    EXPECT_EQ(reader.payload(), "one two three");
    ASSERT_EQ(reader.next(), Event::text);
    EXPECT_EQ(reader.payload(), "next");
}

TEST(WebSocketFrames, RefusesByCode) {
    EXPECT_EQ(failure_of(masked(0x82, "binary")), kCloseNotText);
    EXPECT_EQ(failure_of(masked(0x81, "\xff")), kCloseBadText);
    EXPECT_EQ(failure_of(masked(0x81, std::string(101, 'x'))), kCloseTooLarge);
    EXPECT_EQ(failure_of(masked(0x01, std::string(60, 'x')) + masked(0x80, std::string(41, 'x'))),
              kCloseTooLarge);
    EXPECT_EQ(failure_of("\x81\x01x"), kCloseProtocol);                            // not masked
    EXPECT_EQ(failure_of(masked(0xc1, "x")), kCloseProtocol);                      // reserved bit
    EXPECT_EQ(failure_of(masked(0x83, "x")), kCloseProtocol);                      // unknown opcode
    EXPECT_EQ(failure_of(masked(0x80, "x")), kCloseProtocol);                      // nothing begun
    EXPECT_EQ(failure_of(masked(0x01, "x") + masked(0x81, "y")), kCloseProtocol);  // not finished
    EXPECT_EQ(failure_of(masked(0x09, "x")), kCloseProtocol);                      // split ping
    EXPECT_EQ(failure_of(masked(0x89, std::string(126, 'x'))), kCloseProtocol);
    EXPECT_EQ(failure_of(masked(0x88, "x")), kCloseProtocol);                        // half a code
    EXPECT_EQ(failure_of(masked(0x88, "\x03\xed")), kCloseProtocol);                 // 1005
    EXPECT_EQ(failure_of(std::string("\x81\xfe\x00\x01....x", 9)), kCloseProtocol);  // long form
}

TEST(WebSocketFrames, ReadsAClose) {
    FrameReader reader(100);
    reader.append(masked(0x88, "\x03\xe8goodbye"));
    ASSERT_EQ(reader.next(), Event::close);
    EXPECT_EQ(reader.code(), kCloseNormal);
    EXPECT_EQ(reader.payload(), "goodbye");
    FrameReader bare(100);
    bare.append(masked(0x88, ""));
    ASSERT_EQ(bare.next(), Event::close);
    EXPECT_EQ(bare.code(), kCloseNoCode);
}

TEST(WebSocketFrames, WritesLengths) {
    std::string out;
    append_frame(out, Opcode::text, std::string(125, 'x'));
    EXPECT_EQ(out.substr(0, 2), "\x81\x7d");
    out.clear();
    append_frame(out, Opcode::text, std::string(126, 'x'));
    EXPECT_EQ(out.substr(0, 4), std::string("\x81\x7e\x00\x7e", 4));
    out.clear();
    append_frame(out, Opcode::text, std::string(65536, 'x'));
    EXPECT_EQ(out.substr(0, 10), std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10));
    out.clear();
    append_close_frame(out, kCloseSlow, std::string(122, 'x') + "\xc3\xa9");
    EXPECT_EQ(out.size(), 2U + 2U + 122U);  // not through the last character
}

// The example of RFC 6455, 1.3.
TEST(WebSocketFrames, AcceptsTheKey) {
    EXPECT_NE(websocket_reply("dGhlIHNhbXBsZSBub25jZQ==", "now")
                  .find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
              std::string::npos);
}

}  // namespace
}  // namespace credence::net
