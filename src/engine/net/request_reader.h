// Turns the bytes of one connection into requests. No sockets: the connection, the tests and the
// fuzzer feed it. Beast's parser does the parsing; this class decides when Beast sees bytes: only
// whole heads and whole chunk headers, so how the bytes were cut into packets cannot change the
// outcome.
//
// Refused beyond what Beast refuses (RFC 9112, request smuggling): a bare LF, folded lines, any
// repeated Content-Length, Host or Transfer-Encoding, a missing Host in HTTP/1.1, any
// Transfer-Encoding other than "chunked", raw bytes >= 0x80 or '#' in the target, more than
// kMaxFields fields. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/net/server.h"

namespace credence::net {

// Why a request is refused; static text. The connection cannot be used afterwards.
struct Refusal {
    int status = 400;
    std::string_view code;    // "invalid", "too_large", ...
    std::string_view detail;  // safe to show
};

class RequestReader {
public:
    static constexpr std::size_t kMaxFields = 100;
    static constexpr std::size_t kFirstBufferBytes = 2048;      // doubles as a request needs more
    static constexpr std::size_t kKeptBufferBytes = 16 * 1024;  // more is freed after the request
    static constexpr std::size_t kMaxChunkLineBytes = 256;
    static constexpr std::size_t kMaxTrailerBytes = 8 * 1024;

    enum class Step : std::uint8_t { need_more, ready, refused };

    struct Limits {
        std::size_t max_head_bytes = 16 * 1024;
        std::size_t max_body_bytes = 8 * 1024 * 1024;
    };

    explicit RequestReader(Limits limits);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    // Room for at least one byte; what was written there is then announced with commit().
    std::span<char> prepare();
    void commit(std::size_t size);
    void append(std::string_view bytes);  // both, by copying

    // Parses on. `ready`: request() is valid until consume(), and repeats until then.
    Step next();
    const Refusal& refusal() const { return refusal_; }

    HttpRequest request() const;
    bool keep_alive() const { return keep_alive_; }
    bool is_http11() const { return http11_; }
    void consume();

    // True once for a request that waits for "100 Continue" before its body.
    bool take_continue();
    // No byte of a next request has come.
    bool empty() const { return begin_ == end_ && stage_ == Stage::head; }
    bool in_body() const { return stage_ == Stage::body || stage_ == Stage::chunks; }
    std::string_view unread() const { return {data_.get() + begin_, end_ - begin_}; }
    bool holds_buffer() const { return data_ != nullptr; }
    void release();  // frees the buffer; only while empty()
    void discard();  // drops all bytes; the reader is of no more use than as a buffer

    // The first field of that name, or empty.
    std::string_view header(std::string_view name) const;
    std::size_t header_count(std::string_view name) const;

private:
    struct Parser;
    enum class Stage : std::uint8_t { head, body, chunks, ready, refused };
    enum class Scan : std::uint8_t { more, found, bad, too_long };
    // Offsets from the head's first byte, because the buffer may move while the body comes.
    struct Slice {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    struct Field {
        Slice name;
        Slice value;
    };
    struct Seen {  // how often a field that frames the request came
        std::uint8_t host = 0;
        std::uint8_t content_length = 0;
        std::uint8_t transfer_encoding = 0;
        std::uint8_t expect = 0;
    };

    Step refuse(Refusal refusal);
    Step parse_head();
    Step check_head(const Parser& parser);
    bool check_target();
    Step start_body(const Parser& parser);
    Step parse_chunks();
    Step parse_chunk_header();
    Step decode_chunk_header();
    Scan scan_lines(std::size_t limit);
    void expect_lines(std::size_t from, int lines);
    bool skip_empty_lines();
    std::string_view text(Slice slice) const {
        return {data_.get() + begin_ + slice.at, slice.size};
    }
    Slice slice(std::string_view part) const;
    void grow(std::size_t capacity);

    Limits limits_;
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;       // first byte of the current request
    std::size_t end_ = 0;         // after the last byte received
    std::size_t scanned_ = 0;     // bytes from begin_ already searched for line ends
    std::size_t line_start_ = 0;  // from begin_
    int lines_wanted_ = 0;        // 0: up to an empty line
    std::size_t skipped_ = 0;     // empty lines before the request
    std::size_t head_size_ = 0;
    std::size_t body_size_ = 0;   // by Content-Length
    std::size_t chunk_at_ = 0;    // from begin_: first byte of the coding not yet decoded
    std::size_t chunk_left_ = 0;  // of the current chunk's data
    std::string chunked_body_;
    std::vector<Field> fields_;
    Slice method_;
    Slice target_;
    Slice path_;
    Slice query_;
    Seen seen_;
    Refusal refusal_;
    std::unique_ptr<Parser> chunk_parser_;
    Stage stage_ = Stage::head;
    bool keep_alive_ = false;
    bool http11_ = false;
    bool wants_continue_ = false;
    bool is_chunked_ = false;
    bool in_trailer_ = false;
};

}  // namespace credence::net
