// The reader's buffer and line ends: what needs no parser.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/text.h"
#include "engine/net/request_reader.h"

namespace credence::net {

namespace {

constexpr std::size_t kMaxEmptyLines = 4;            // before a request (RFC 9112, 2.2)
constexpr std::size_t kBodyGrowthBytes = 64 * 1024;  // first growth for a large body

}  // namespace

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
