// Mail (RFC 5322, MIME): headers, bodies, attachments, and the text that no mail program shows.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"
#include "capabilities/guard/media/transfer.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxHeaders = 256;
constexpr std::size_t kMaxMailParts = 128;
constexpr int kMaxNesting = 6;

struct MailHeader {
    std::string name;   // lower case
    std::string value;  // unfolded
    ByteSpan at;
};

struct Entity {
    std::vector<MailHeader> headers;
    std::size_t body = 0;

    std::string_view value(std::string_view name) const {
        for (const MailHeader& header : headers) {
            if (header.name == name) {
                return header.value;
            }
        }
        return {};
    }
};

Entity read_headers(std::string_view bytes) {
    Entity entity;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t newline = std::min(bytes.find('\n', at), bytes.size());
        std::string_view line = bytes.substr(at, newline - at);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const std::size_t next = std::min(newline + 1, bytes.size());
        if (line.empty()) {
            entity.body = next;
            return entity;
        }
        const std::size_t colon = line.find(':');
        if ((line[0] == ' ' || line[0] == '\t') && !entity.headers.empty()) {
            entity.headers.back().value += line;
            entity.headers.back().at.end = newline;
        } else if (colon != std::string_view::npos && entity.headers.size() < kMaxHeaders) {
            entity.headers.push_back({to_lower(line.substr(0, colon)),
                                      std::string(trim(line.substr(colon + 1))),
                                      {at, newline}});
        }
        at = next;
    }
    entity.body = bytes.size();
    return entity;
}

// "text/html; charset=utf-8; name=x": the value of one parameter.
std::string parameter(std::string_view value, std::string_view name) {
    const std::string lower = to_lower(value);
    std::size_t at = lower.find(std::string(name) + "=");
    if (at == std::string::npos) {
        return {};
    }
    at += name.size() + 1;
    if (byte_at(value, at) == '"') {
        const std::size_t end = std::min(value.find('"', at + 1), value.size());
        return std::string(value.substr(at + 1, end - at - 1));
    }
    const std::size_t end = std::min(value.find_first_of("; \t", at), value.size());
    return std::string(value.substr(at, end - at));
}

std::string decode_charset(std::string_view bytes, std::string_view charset, Collector& collector) {
    const std::string name = to_lower(charset);
    if (name.starts_with("utf-16")) {
        return from_utf16(bytes, name.ends_with("le") ? Endian::little : Endian::big);
    }
    if (name == "iso-8859-1" || name == "windows-1252" || name == "latin1") {
        return from_windows1252(bytes);
    }
    const bool ascii = std::none_of(bytes.begin(), bytes.end(),
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (!name.empty() && name != "utf-8" && name != "us-ascii" && name != "utf8" && !ascii) {
        collector.unread("mail: the character set " + name);
    }
    return from_unknown(bytes);
}

// "=?utf-8?B?…?=" in a header.
std::string decode_words(std::string_view value, Collector& collector) {
    std::string out;
    std::size_t at = 0;
    while (at < value.size()) {
        const std::size_t start = value.find("=?", at);
        const std::size_t charset_end =
            start == std::string_view::npos ? start : value.find('?', start + 2);
        if (charset_end == std::string_view::npos || charset_end + 3 > value.size()) {
            break;
        }
        const std::size_t end = value.find("?=", charset_end + 3);
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view between = value.substr(at, start - at);
        out += at > 0 && trim(between).empty() ? std::string_view{} : between;
        std::string text(value.substr(charset_end + 3, end - charset_end - 3));
        if ((value[charset_end + 1] | 0x20) == 'q') {
            std::replace(text.begin(), text.end(), '_', ' ');
            text = from_quoted_printable(text + " ");
            text.pop_back();
        } else {
            text = from_base64_lines(text);
        }
        out += decode_charset(text, value.substr(start + 2, charset_end - start - 2), collector);
        at = end + 2;
    }
    return out + std::string(value.substr(std::min(at, value.size())));
}

class MailReader {
public:
    explicit MailReader(Collector& collector) : collector_(collector) {}

    void entity(const Source& source, int nesting) {
        if (++parts_ > kMaxMailParts || nesting > kMaxNesting) {
            collector_.limit("parts of a mail");
            return;
        }
        const Entity entity = read_headers(source.bytes);
        headers(source, entity, nesting);
        const ByteSpan at{entity.body, source.bytes.size()};
        const std::string type = to_lower(entity.value("content-type"));
        const std::string boundary = parameter(entity.value("content-type"), "boundary");
        if (type.starts_with("multipart/") && !boundary.empty()) {
            multipart(source.part(at), "--" + boundary, nesting);
            return;
        }
        const std::string encoding = to_lower(trim(entity.value("content-transfer-encoding")));
        const std::string_view raw = source.bytes.substr(at.start);
        if (encoding == "base64" || encoding == "quoted-printable") {
            const std::string decoded =
                encoding == "base64" ? from_base64_lines(raw) : from_quoted_printable(raw);
            body(source.decoded(decoded, at), entity, nesting);
        } else {
            body(source.part(at), entity, nesting);
        }
    }

private:
    void headers(const Source& source, const Entity& entity, int nesting) {
        constexpr std::array<std::string_view, 10> kSilent = {
            "content-type", "content-transfer-encoding",
            "mime-version", "dkim-signature",
            "arc-seal",     "arc-message-signature",
            "message-id",   "content-id",
            "received",     "date"};
        for (const MailHeader& header : entity.headers) {
            // Values that are free text in no mail; of attachments only the disposition matters.
            if (std::find(kSilent.begin(), kSilent.end(), header.name) != kSilent.end()) {
                continue;
            }
            if (nesting > 0 && header.name == "content-disposition") {
                collector_.part(source, "mail.attachment", parameter(header.value, "filename"),
                                header.at);
                continue;
            }
            collector_.part(source, "mail.header." + header.name,
                            decode_words(header.value, collector_), header.at);
        }
    }

    void body(const Source& source, const Entity& entity, int nesting) {
        const std::string_view content_type = entity.value("content-type");
        const std::string type = to_lower(content_type);
        const ByteSpan at{0, source.bytes.size()};
        const bool attached =
            to_lower(entity.value("content-disposition")).starts_with("attachment");
        if (type.starts_with("message/rfc822")) {
            this->entity(source, nesting + 1);
        } else if (type.starts_with("text/html")) {
            Source inner = source;
            inner.prefix += "mail.";
            const std::string charset = to_lower(parameter(content_type, "charset"));
            if (charset.starts_with("utf-16")) {
                const std::string text = decode_charset(source.bytes, charset, collector_);
                read_markup(inner.decoded(text, at), Markup::html, collector_);
            } else {
                read_markup(inner, Markup::html, collector_);
            }
        } else if (type.empty() || (type.starts_with("text/plain") && !attached)) {
            collector_.part(
                source, "mail.text",
                decode_charset(source.bytes, parameter(content_type, "charset"), collector_), at);
        } else {
            std::string name = parameter(entity.value("content-disposition"), "filename");
            if (name.empty()) {
                name = parameter(content_type, "name");
            }
            Source inner = source;
            inner.prefix += "mail." + (name.empty() ? std::string("part") : name) + ".";
            read_source(inner, collector_);
        }
    }

    // One pass over the lines, cut at those that begin with the delimiter.
    void multipart(const Source& source, const std::string& delimiter, int nesting) {
        const std::string_view bytes = source.bytes;
        std::size_t at = 0;
        std::size_t start = 0;
        bool inside = false;
        while (at < bytes.size()) {
            const std::size_t newline = std::min(bytes.find('\n', at), bytes.size());
            const std::string_view line = bytes.substr(at, newline - at);
            const std::size_t next = std::min(newline + 1, bytes.size());
            if (line.starts_with(delimiter)) {
                piece(source, {start, at}, inside, nesting);
                inside = true;
                start = next;
                if (line.substr(delimiter.size()).starts_with("--")) {
                    collector_.part(source, "mail.epilogue", from_unknown(bytes.substr(next)),
                                    {next, bytes.size()});
                    return;
                }
            }
            at = next;
        }
        piece(source, {start, bytes.size()}, inside, nesting);
        collector_.damaged(source, "mail: the last part is not closed", start);
    }

    void piece(const Source& source, ByteSpan at, bool inside, int nesting) {
        if (inside) {
            entity(source.part(at), nesting + 1);
        } else {
            collector_.part(source, "mail.preamble",
                            from_unknown(source.bytes.substr(at.start, at.end - at.start)), at);
        }
    }

    Collector& collector_;
    std::size_t parts_ = 0;
};

}  // namespace

void read_mail(const Source& source, Collector& collector) {
    MailReader(collector).entity(source, 0);
}

}  // namespace credence::guard
