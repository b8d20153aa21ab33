#include "engine/net/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/check.h"
#include "base/text.h"

namespace credence::net {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using BeastText = boost::beast::string_view;

namespace {

constexpr Refusal kMalformed{400, "invalid", "The request is malformed."};
constexpr Refusal kBadLine{400, "invalid", "A line is folded or does not end in CRLF."};
constexpr Refusal kBadTarget{400, "invalid", "The request target is malformed."};
constexpr Refusal kBadHost{400, "invalid", "Exactly one Host field is required."};
constexpr Refusal kBadFraming{400, "invalid", "The body's length is ambiguous."};
constexpr Refusal kBadChunk{400, "invalid", "The chunked body is malformed."};
constexpr Refusal kHeadTooLarge{431, "too_large", "The request head is too large."};
constexpr Refusal kBodyTooLarge{413, "too_large", "The request body is too large."};
constexpr Refusal kUnknownCoding{501, "unsupported", "Only the chunked transfer coding is known."};
constexpr Refusal kBadVersion{505, "unsupported", "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
constexpr Refusal kBadExpectation{417, "unsupported", "Only 100-continue can be expected."};

std::string_view to_std(BeastText text) {
    return {text.data(), text.size()};
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_decimal(char c) {
    return c >= '0' && c <= '9';
}

// "… HTTP/2.0": a version we do not speak, in contrast to noise.
bool names_a_version(std::string_view head) {
    const std::string_view line = head.substr(0, head.find('\r'));
    if (line.size() < 9) {
        return false;
    }
    const std::string_view version = line.substr(line.size() - 8);
    return version.starts_with("HTTP/") && is_decimal(version[5]) && version[6] == '.' &&
           is_decimal(version[7]);
}

Refusal refusal_of(const ErrorCode& error, std::string_view head) {
    if (error == http::error::body_limit) {
        return kBodyTooLarge;
    }
    if (error == http::error::header_limit) {
        return kHeadTooLarge;
    }
    if (error == http::error::bad_version && names_a_version(head)) {
        return kBadVersion;
    }
    if (error == http::error::bad_content_length || error == http::error::bad_transfer_encoding ||
        error == http::error::multiple_content_length) {
        return kBadFraming;
    }
    return kMalformed;
}

}  // namespace

struct RequestReader::Parser final : http::basic_parser<true> {
    explicit Parser(RequestReader& owner) : reader(owner) {
        header_limit(static_cast<std::uint32_t>(owner.limits_.max_head_bytes + 1));
        body_limit(owner.limits_.max_body_bytes);
    }

    void on_request_impl(http::verb, BeastText method, BeastText target, int version,
                         ErrorCode&) override {
        reader.method_ = reader.slice(to_std(method));
        reader.target_ = reader.slice(to_std(target));
        reader.http11_ = version == 11;
    }

    void on_field_impl(http::field field, BeastText name, BeastText value,
                       ErrorCode& error) override {
        if (reader.stage_ == Stage::chunks) {
            return;  // trailer fields are read over
        }
        if (reader.fields_.size() == kMaxFields) {
            error = http::error::header_limit;
            return;
        }
        Seen& seen = reader.seen_;
        switch (field) {
            case http::field::host:
                ++seen.host;
                break;
            case http::field::expect:
                ++seen.expect;
                break;
            case http::field::transfer_encoding:
                ++seen.transfer_encoding;
                break;
            case http::field::content_length:
                ++seen.content_length;
                // Beast accepts "5, 5"; others on the way may not.
                if (!std::ranges::all_of(value, is_decimal)) {
                    error = http::error::bad_content_length;
                }
                break;
            default:
                break;
        }
        reader.fields_.push_back({reader.slice(to_std(name)), reader.slice(trim(to_std(value)))});
    }

    void on_chunk_header_impl(std::uint64_t size, BeastText, ErrorCode&) override {
        reader.chunk_left_ = static_cast<std::size_t>(size);
    }

    std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, ErrorCode&) override {
        reader.chunked_body_.append(body.data(), body.size());
        return body.size();
    }

    // Bodies by Content-Length never pass through Beast: they are handed out where they lie.
    std::size_t on_body_impl(BeastText body, ErrorCode&) override { return body.size(); }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    void on_header_impl(ErrorCode&) override {}
    void on_finish_impl(ErrorCode&) override {}
    void on_response_impl(int, BeastText, int, ErrorCode&) override {}

    RequestReader& reader;
};

RequestReader::RequestReader(Limits limits) : limits_(limits) {}

RequestReader::~RequestReader() = default;

RequestReader::Step RequestReader::refuse(Refusal refusal) {
    stage_ = Stage::refused;
    refusal_ = refusal;
    return Step::refused;
}

RequestReader::Step RequestReader::next() {
    if (stage_ == Stage::head) {
        if (const Step step = parse_head(); step != Step::ready) {
            return step;
        }
    }
    if (stage_ == Stage::chunks) {
        return parse_chunks();
    }
    if (stage_ == Stage::body && end_ - begin_ >= head_size_ + body_size_) {
        stage_ = Stage::ready;
    }
    switch (stage_) {
        case Stage::ready:
            return Step::ready;
        case Stage::refused:
            return Step::refused;
        default:
            return Step::need_more;
    }
}

void RequestReader::consume() {
    DCHECK(stage_ == Stage::ready, "no request to consume");
    begin_ += is_chunked_ ? chunk_at_ : head_size_ + body_size_;
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (capacity_ > kKeptBufferBytes) {
            data_.reset();
            capacity_ = 0;
        }
    }
    if (is_chunked_) {
        chunked_body_ = {};
        chunk_parser_.reset();
    }
    fields_.clear();
    seen_ = {};
    stage_ = Stage::head;
    scanned_ = line_start_ = head_size_ = body_size_ = chunk_at_ = chunk_left_ = skipped_ = 0;
    lines_wanted_ = 0;
    wants_continue_ = is_chunked_ = in_trailer_ = false;
}

RequestReader::Step RequestReader::parse_head() {
    if (scanned_ == 0) {
        if (!skip_empty_lines()) {
            return refuse(kMalformed);
        }
        if (begin_ == end_ || (end_ - begin_ == 1 && data_[begin_] == '\r')) {
            return Step::need_more;
        }
        // Noise (a TLS greeting, a stray LF) is told at once instead of after a timeout.
        if (!is_letter(data_[begin_])) {
            return refuse(kMalformed);
        }
    }
    switch (scan_lines(limits_.max_head_bytes)) {
        case Scan::more:
            return Step::need_more;
        case Scan::bad:
            return refuse(kBadLine);
        case Scan::too_long:
            return refuse(kHeadTooLarge);
        case Scan::found:
            break;
    }
    head_size_ = scanned_;
    Parser parser(*this);
    ErrorCode error;
    const std::size_t used = parser.put({data_.get() + begin_, head_size_}, error);
    if (error) {
        return refuse(refusal_of(error, {data_.get() + begin_, head_size_}));
    }
    if (used != head_size_ || !parser.is_header_done()) {
        return refuse(kMalformed);
    }
    return check_head(parser);
}

// Sets path and query; false for a target no handler should see.
bool RequestReader::check_target() {
    const std::string_view target = text(target_);
    for (const char c : target) {
        if (c == '#' || static_cast<unsigned char>(c) >= 0x80) {
            return false;
        }
    }
    std::size_t path = 0;
    if (target != "*" && target.front() != '/') {
        // absolute-form: "http://host/path?query"; authority-form is for proxies only
        const std::size_t scheme = target.find("://");
        if (scheme == std::string_view::npos || scheme == 0) {
            return false;
        }
        path = target.find('/', scheme + 3);
        if (path == std::string_view::npos || path == scheme + 3) {
            return false;
        }
    }
    const std::size_t mark = std::min(target.find('?', path), target.size());
    path_ = slice(target.substr(path, mark - path));
    query_ = mark == target.size() ? Slice{} : slice(target.substr(mark + 1));
    return true;
}

RequestReader::Step RequestReader::check_head(const Parser& parser) {
    if (!check_target()) {
        return refuse(kBadTarget);
    }
    if (seen_.host > 1 || (http11_ && seen_.host == 0)) {
        return refuse(kBadHost);
    }
    if (seen_.content_length + seen_.transfer_encoding > 1) {
        return refuse(kBadFraming);
    }
    if (seen_.transfer_encoding == 1) {
        if (!equals_ignoring_case(header("Transfer-Encoding"), "chunked")) {
            return refuse(kUnknownCoding);
        }
        if (!http11_ || !parser.chunked()) {
            return refuse(kBadFraming);
        }
    }
    if (seen_.expect > 0 && http11_) {
        if (seen_.expect > 1 || !equals_ignoring_case(header("Expect"), "100-continue")) {
            return refuse(kBadExpectation);
        }
        wants_continue_ = true;
    }
    return start_body(parser);
}

RequestReader::Step RequestReader::start_body(const Parser& parser) {
    keep_alive_ = parser.keep_alive();
    if (parser.chunked()) {
        // Beast must see the head again, because its parsers do not move.
        is_chunked_ = true;
        fields_.clear();
        chunk_parser_ = std::make_unique<Parser>(*this);
        ErrorCode error;
        chunk_parser_->put({data_.get() + begin_, head_size_}, error);
        CHECK(!error, "the same head parsed differently");
        stage_ = Stage::chunks;
        chunk_at_ = head_size_;
        expect_lines(chunk_at_, 1);
        return Step::ready;
    }
    body_size_ = static_cast<std::size_t>(parser.content_length().value_or(0));
    stage_ = Stage::body;
    return Step::ready;
}

RequestReader::Step RequestReader::parse_chunks() {
    while (stage_ == Stage::chunks) {
        if (chunk_left_ == 0) {
            if (const Step step = parse_chunk_header(); step != Step::ready) {
                return step;
            }
            continue;
        }
        const std::size_t size = std::min(chunk_left_, end_ - begin_ - chunk_at_);
        if (size == 0) {
            return Step::need_more;
        }
        ErrorCode error;
        chunk_parser_->put({data_.get() + begin_ + chunk_at_, size}, error);
        chunk_at_ += size;
        chunk_left_ -= size;
        if (chunk_left_ == 0) {
            expect_lines(chunk_at_, 2);  // the end of the data's line, then the next size
        }
    }
    return Step::ready;
}

RequestReader::Step RequestReader::parse_chunk_header() {
    const std::size_t limit = in_trailer_ ? kMaxTrailerBytes : kMaxChunkLineBytes;
    switch (scan_lines(chunk_at_ + limit)) {
        case Scan::more:
            return Step::need_more;
        case Scan::bad:
            return refuse(kBadChunk);
        case Scan::too_long:
            return refuse(in_trailer_ ? kHeadTooLarge : kBadChunk);
        case Scan::found:
            break;
    }
    return decode_chunk_header();
}

RequestReader::Step RequestReader::decode_chunk_header() {
    ErrorCode error;
    const std::size_t size = scanned_ - chunk_at_;
    const std::size_t used = chunk_parser_->put({data_.get() + begin_ + chunk_at_, size}, error);
    if (error == http::error::need_more && !in_trailer_) {
        in_trailer_ = true;  // the last chunk: Beast wants it together with the trailer
        lines_wanted_ = 0;
        return Step::ready;
    }
    if (error) {
        return refuse(error == http::error::body_limit ? kBodyTooLarge : kBadChunk);
    }
    if (used != size) {
        return refuse(kBadChunk);
    }
    chunk_at_ = scanned_;
    if (chunk_parser_->is_done()) {
        chunked_body_.reserve(chunked_body_.size() + kBodyPadding);
        stage_ = Stage::ready;
    }
    return Step::ready;
}

}  // namespace credence::net
