#include "engine/net/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

#include "base/check.h"
#include "base/text.h"

namespace credence::net {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using BeastText = boost::beast::string_view;

namespace {

constexpr std::size_t kMaxEmptyLines = 4;            // before a request (RFC 9112, 2.2)
constexpr std::size_t kBodyGrowthBytes = 64 * 1024;  // first growth for a large body

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

RequestReader::Slice RequestReader::slice(std::string_view part) const {
    if (part.empty()) {
        return {};
    }
    const char* base = data_.get() + begin_;
    DCHECK(part.data() >= base && part.data() + part.size() <= base + head_size_,
           "the parser handed out text from elsewhere");
    return {static_cast<std::uint32_t>(part.data() - base),
            static_cast<std::uint32_t>(part.size())};
}

void RequestReader::grow(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity + kBodyPadding);
    if (end_ > begin_) {
        std::memcpy(larger.get(), data_.get() + begin_, end_ - begin_);
    }
    std::memset(larger.get() + capacity, 0, kBodyPadding);
    end_ -= begin_;
    begin_ = 0;
    data_ = std::move(larger);
    capacity_ = capacity;
}

std::span<char> RequestReader::prepare() {
    if (begin_ == end_) {
        begin_ = 0;
        end_ = 0;
    }
    if (stage_ == Stage::chunks && end_ == capacity_ && chunk_at_ > head_size_) {
        // What is decoded is not needed again; the head is, for the field texts.
        char* head_end = data_.get() + begin_ + head_size_;
        const std::size_t gone = chunk_at_ - head_size_;
        std::memmove(head_end, head_end + gone, end_ - begin_ - chunk_at_);
        end_ -= gone;
        chunk_at_ -= gone;
        scanned_ -= gone;
        line_start_ -= gone;
    }
    if (end_ == capacity_ && begin_ > 0) {
        std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == capacity_) {
        std::size_t wanted = std::max(kFirstBufferBytes, capacity_ * 2);
        if (stage_ == Stage::body && end_ < head_size_ + body_size_) {
            // Grows with what really came: a Content-Length alone must not take memory.
            wanted = std::min(head_size_ + body_size_, std::max(wanted, kBodyGrowthBytes));
        }
        grow(wanted);
    }
    return {data_.get() + end_, capacity_ - end_};
}

void RequestReader::commit(std::size_t size) {
    DCHECK(size <= capacity_ - end_, "more bytes than there was room for");
    end_ += size;
}

void RequestReader::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::span<char> room = prepare();
        const std::size_t size = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), size);
        commit(size);
        bytes.remove_prefix(size);
    }
}

void RequestReader::release() {
    CHECK(empty(), "a buffer in use was released");
    data_.reset();
    fields_ = {};
    chunked_body_ = {};
    capacity_ = begin_ = end_ = 0;
}

void RequestReader::discard() {
    begin_ = end_ = 0;
    stage_ = Stage::refused;
}

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

bool RequestReader::take_continue() {
    // A client that already sends its body does not wait.
    const bool waits = wants_continue_ && in_body() && end_ - begin_ == head_size_;
    wants_continue_ = wants_continue_ && !in_body();
    return waits;
}

void RequestReader::expect_lines(std::size_t from, int lines) {
    scanned_ = line_start_ = from;
    lines_wanted_ = lines;
}

// Looks for line ends up to `limit` bytes after begin_. Because it sees every line end in order
// and never looks beyond the limit, its verdict does not depend on how the bytes arrived.
RequestReader::Scan RequestReader::scan_lines(std::size_t limit) {
    const char* base = data_.get() + begin_;
    const std::size_t size = std::min(end_ - begin_, limit);
    while (scanned_ < size) {
        const auto* found =
            static_cast<const char*>(std::memchr(base + scanned_, '\n', size - scanned_));
        if (found == nullptr) {
            scanned_ = size;
            break;
        }
        const auto at = static_cast<std::size_t>(found - base);
        const char first = base[line_start_];
        if (at == line_start_ || base[at - 1] != '\r' || first == ' ' || first == '\t') {
            return Scan::bad;
        }
        const bool is_empty = at == line_start_ + 1;
        scanned_ = line_start_ = at + 1;
        if (lines_wanted_ == 0 ? is_empty : --lines_wanted_ == 0) {
            return Scan::found;
        }
    }
    return size == limit ? Scan::too_long : Scan::more;
}

// False: too many.
bool RequestReader::skip_empty_lines() {
    while (end_ - begin_ >= 2 && std::memcmp(data_.get() + begin_, "\r\n", 2) == 0) {
        begin_ += 2;
        if (++skipped_ > kMaxEmptyLines) {
            return false;
        }
    }
    return true;
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

HttpRequest RequestReader::request() const {
    DCHECK(stage_ == Stage::ready, "no request is ready");
    HttpRequest request;
    request.method = text(method_);
    request.path = text(path_);
    request.query = text(query_);
    request.body = is_chunked_ ? std::string_view(chunked_body_)
                               : std::string_view(data_.get() + begin_ + head_size_, body_size_);
    request.head = this;
    return request;
}

std::string_view RequestReader::header(std::string_view name) const {
    for (const Field& field : fields_) {
        if (field.name.size == name.size() && equals_ignoring_case(text(field.name), name)) {
            return text(field.value);
        }
    }
    return {};
}

std::size_t RequestReader::header_count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields_, [&](const Field& field) { return equals_ignoring_case(text(field.name), name); }));
}

std::string_view HttpRequest::header(std::string_view name) const {
    return head == nullptr ? std::string_view()
                           : static_cast<const RequestReader*>(head)->header(name);
}

}  // namespace credence::net
