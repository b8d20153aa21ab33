#include "capabilities/guard/media/pdf_file.h"

#include <algorithm>
#include <array>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/pdf_value.h"
#include "capabilities/guard/media/transfer.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxObjects = 50'000;
constexpr std::size_t kMaxFilters = 4;
constexpr std::size_t kMaxTrailers = 32;
constexpr std::size_t kMaxLinks = 8;
constexpr std::size_t kReadAgainFactor = 2;
constexpr std::size_t kMaxColumns = 4096;
constexpr std::size_t kFreeRunBytes = 64 * 1024;

// The object's number in "12 0 " that ends at `end`; nothing if there is none.
std::optional<std::size_t> number_before(std::string_view bytes, std::size_t end) {
    const auto blanks = [&] {
        const std::size_t before = end;
        while (end > 0 && is_pdf_blank(bytes[end - 1]) && before - end < 4) {
            --end;
        }
        return before > end;
    };
    const auto digits = [&] {
        const std::size_t before = end;
        while (end > 0 && is_pdf_digit(bytes[end - 1]) && before - end < 8) {
            --end;
        }
        return bytes.substr(end, before - end);
    };
    blanks();
    if (digits().empty() || !blanks()) {
        return std::nullopt;
    }
    const std::string_view number = digits();
    std::size_t value = 0;
    for (const char digit : number) {
        value = value * 10 + static_cast<std::size_t>(digit - '0');
    }
    return number.empty() ? std::nullopt : std::optional<std::size_t>(value);
}

// PNG's filters of rows, as /Predictor 10 and above has them.
std::string undo_predictor(std::string_view bytes, const PdfValue& settings) {
    const std::size_t colours = std::min<std::size_t>(settings["Colors"].size_or(1), 4);
    const std::size_t bits = std::min<std::size_t>(settings["BitsPerComponent"].size_or(8), 16);
    const std::size_t columns = std::min(settings["Columns"].size_or(1), kMaxColumns);
    const std::size_t pixel = std::max<std::size_t>(1, colours * bits / 8);
    const std::size_t row = std::max<std::size_t>(1, (columns * colours * bits + 7) / 8);
    std::string out;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += row + 1) {
        const unsigned filter = byte_at(bytes, at);
        const std::size_t start = out.size();
        for (std::size_t i = 0; i < row && at + 1 + i < bytes.size(); ++i) {
            const unsigned left = i >= pixel ? byte_at(out, start + i - pixel) : 0U;
            const unsigned up = start >= row ? byte_at(out, start + i - row) : 0U;
            const unsigned add = filter == 1   ? left
                                 : filter == 2 ? up
                                 : filter == 3 ? (left + up) / 2
                                               : 0U;
            out += static_cast<char>(byte_at(bytes, at + 1 + i) + add);
        }
    }
    return out;
}

std::string undo_run_lengths(std::string_view bytes, std::size_t max_bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size() && out.size() < max_bytes;) {
        const std::size_t length = byte_at(bytes, at++);
        if (length == 128) {
            break;
        }
        if (length < 128) {
            out += slice(bytes, at, length + 1);
            at += length + 1;
        } else {
            out.append(257 - length, static_cast<char>(byte_at(bytes, at++)));
        }
    }
    return out;
}

}  // namespace

PdfFile::PdfFile(const Source& source, Collector& collector)
    : source_(source), collector_(collector) {
    find_objects();
    read_trailers();
    if (!encrypted_) {
        read_object_streams();
    }
    if (values_left_ == 0) {
        collector.limit("values of a PDF");
    }
}

void PdfFile::keep(PdfObject object) {
    if (objects_.size() >= kMaxObjects) {
        collector_.limit("objects of a PDF");
        return;
    }
    encrypted_ = encrypted_ || (object.value["Type"].is_name("XRef") &&
                                !object.value["Encrypt"].is(PdfValue::Kind::nothing));
    objects_.push_back(std::move(object));
    by_number_[objects_.back().number] = &objects_.back();
}

void PdfFile::find_objects() {
    const std::string_view bytes = source_.bytes;
    // Objects that were cut off are read again from within, but not without end.
    std::size_t again = bytes.size() * kReadAgainFactor;
    std::size_t at = 0;
    while ((at = bytes.find("obj", at)) != std::string_view::npos && values_left_ > 0) {
        const std::optional<std::size_t> number = number_before(bytes, at);
        at += 3;
        if (number) {
            at = read_object(*number, at, again);
        }
    }
}

std::size_t PdfFile::read_object(std::size_t number, std::size_t at, std::size_t& again) {
    const std::size_t start = at;
    PdfLexer lexer(source_.bytes, at, values_left_);
    PdfObject object{.number = number, .value = {}, .stream = {}, .at = {}};
    if (!lexer.next(object.value)) {
        return source_.bytes.size();
    }
    std::size_t end = lexer.at();
    if (object.value.is(PdfValue::Kind::dictionary)) {
        object.stream = find_stream(object.value, end);
        end = object.stream ? object.stream->end : end;
    }
    object.at = {start, end};
    const bool cut_off = lexer.cut_off();
    keep(std::move(object));
    if (cut_off && again >= end - start) {
        again -= end - start;
        return start;
    }
    return end;
}

std::optional<ByteSpan> PdfFile::find_stream(const PdfValue& dictionary, std::size_t at) const {
    const std::string_view bytes = source_.bytes;
    // The lexer may have taken the word with it when the dictionary was not closed.
    for (int i = 0; i < 8 && at < bytes.size() && is_pdf_blank(bytes[at]); ++i) {
        ++at;
    }
    if (slice(bytes, at, 6) != "stream") {
        return std::nullopt;
    }
    at += 6;
    at += byte_at(bytes, at) == '\r' ? 1 : 0;
    at += byte_at(bytes, at) == '\n' ? 1 : 0;
    const std::size_t said = dictionary["Length"].size_or(bytes.size());
    if (said < bytes.size() && at + said <= bytes.size()) {
        const std::string_view behind = slice(bytes, at + said, 12);
        const std::size_t word = behind.find("endstream");
        if (word != std::string_view::npos && word <= 2) {
            return ByteSpan{at, at + said};
        }
    }
    const std::size_t end = std::min(bytes.find("endstream", at), bytes.size());
    return ByteSpan{std::min(at, end), end};
}

void PdfFile::read_trailers() {
    const std::string_view bytes = source_.bytes;
    std::size_t at = 0;
    for (std::size_t i = 0; i < kMaxTrailers; ++i) {
        at = bytes.find("trailer", at);
        if (at == std::string_view::npos) {
            return;
        }
        at += 7;
        PdfLexer lexer(bytes, at, values_left_);
        PdfValue value;
        if (lexer.next(value) && value.is(PdfValue::Kind::dictionary)) {
            encrypted_ = encrypted_ || !value["Encrypt"].is(PdfValue::Kind::nothing);
            at = lexer.at();
        }
    }
}

void PdfFile::read_object_streams() {
    const std::size_t count = objects_.size();
    for (std::size_t i = 0; i < count; ++i) {
        const PdfObject& holder = objects_[i];
        if (!holder.stream || !holder.value["Type"].is_name("ObjStm")) {
            continue;
        }
        const std::string bytes = content(holder);
        const std::size_t first = follow(holder.value["First"]).size_or(0);
        const std::size_t objects = follow(holder.value["N"]).size_or(0);
        PdfLexer index(bytes, 0, values_left_);
        std::vector<std::pair<std::size_t, std::size_t>> places;
        PdfValue number;
        PdfValue place;
        while (places.size() < objects && index.at() < first && index.next(number) &&
               index.next(place)) {
            places.emplace_back(number.size_or(0), first + place.size_or(bytes.size()));
        }
        for (std::size_t j = 0; j < places.size(); ++j) {
            const std::size_t start = places[j].second;
            const std::size_t end = j + 1 < places.size() ? places[j + 1].second : bytes.size();
            if (start >= end || end > bytes.size()) {
                continue;
            }
            PdfLexer lexer(std::string_view(bytes).substr(0, end), start, values_left_);
            PdfObject object{places[j].first, {}, {}, holder.at};
            if (lexer.next(object.value)) {
                keep(std::move(object));
            }
        }
    }
}

const PdfObject* PdfFile::object(const PdfValue& reference) const {
    if (!reference.is(PdfValue::Kind::reference)) {
        return nullptr;
    }
    const auto found = by_number_.find(static_cast<std::size_t>(reference.number));
    return found == by_number_.end() ? nullptr : found->second;
}

const PdfValue& PdfFile::follow(const PdfValue& value) const {
    static const PdfValue nothing;
    const PdfValue* at = &value;
    for (std::size_t i = 0; i < kMaxLinks; ++i) {
        if (!at->is(PdfValue::Kind::reference)) {
            return *at;
        }
        const PdfObject* found = object(*at);
        if (found == nullptr) {
            return nothing;
        }
        at = &found->value;
    }
    return nothing;
}

bool PdfFile::is_jpeg(const PdfObject& object) const {
    const PdfValue& filter = follow(object.value["Filter"]);
    return object.stream && (filter.is_name("DCTDecode") ||
                             (filter.items.size() == 1 && filter.items[0].is_name("DCTDecode")));
}

std::string PdfFile::undo(std::string bytes, std::string_view filter, const PdfValue& settings,
                          ByteSpan at) const {
    if (filter == "FlateDecode" || filter == "Fl") {
        const Source packed = source_.decoded(bytes, at);
        Unpacked unpacked = collector_.unpack(packed, {0, bytes.size()}, Packing::zlib);
        if (unpacked.bytes.empty() && !bytes.empty()) {
            collector_.note(source_, "damaged", "pdf: a stream does not unpack", at);
        }
        return settings["Predictor"].size_or(1) >= 10 ? undo_predictor(unpacked.bytes, settings)
                                                      : std::move(unpacked.bytes);
    }
    if (filter == "ASCIIHexDecode" || filter == "AHx") {
        return from_hex_lines(bytes);
    }
    if (filter == "ASCII85Decode" || filter == "A85") {
        return from_ascii85(bytes.starts_with("<~") ? std::string_view(bytes).substr(2) : bytes);
    }
    if (filter == "RunLengthDecode" || filter == "RL") {
        return undo_run_lengths(bytes, kFreeRunBytes + 8 * bytes.size());
    }
    collector_.unread("pdf: streams of filter " + std::string(filter.substr(0, 32)));
    return {};
}

std::string PdfFile::content(const PdfObject& object) const {
    if (!object.stream) {
        return {};
    }
    std::string bytes(
        source_.bytes.substr(object.stream->start, object.stream->end - object.stream->start));
    const PdfValue& filter = follow(object.value["Filter"]);
    const PdfValue& settings = follow(object.value["DecodeParms"]);
    if (filter.is(PdfValue::Kind::name)) {
        return undo(std::move(bytes), filter.text, settings, *object.stream);
    }
    if (filter.items.size() > kMaxFilters) {
        collector_.limit("filters of a PDF stream");
        return {};
    }
    static const PdfValue none;
    for (std::size_t i = 0; i < filter.items.size(); ++i) {
        const PdfValue& own = i < settings.items.size() ? follow(settings.items[i]) : none;
        bytes = undo(std::move(bytes), follow(filter.items[i]).text, own, *object.stream);
    }
    return bytes;
}

}  // namespace credence::guard
