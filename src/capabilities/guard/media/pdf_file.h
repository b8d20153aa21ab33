// The objects of a PDF file, found by reading it from front to back, so that neither a damaged
// table nor one that lies hides any of them.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include "capabilities/guard/media/collector.h"
#include "capabilities/guard/media/pdf_value.h"

namespace credence::guard {

struct PdfObject {
    std::size_t number = 0;
    PdfValue value;
    std::optional<ByteSpan> stream;  // its raw bytes
    ByteSpan at;                     // in the file; of an object in a stream, that stream
};

class PdfFile {
public:
    PdfFile(const Source& source, Collector& collector);

    bool encrypted() const { return encrypted_; }
    const std::deque<PdfObject>& objects() const { return objects_; }
    const Source& source() const { return source_; }

    // What a reference leads to, through others; any other value is itself.
    const PdfValue& follow(const PdfValue& value) const;
    const PdfObject* object(const PdfValue& reference) const;
    // A stream with its filters undone; empty for a picture's or one that cannot be unpacked.
    std::string content(const PdfObject& object) const;
    // Whether the stream is a picture as a file of its own (DCTDecode alone).
    bool is_jpeg(const PdfObject& object) const;

private:
    void find_objects();
    std::size_t read_object(std::size_t number, std::size_t at, std::size_t& again);
    std::optional<ByteSpan> find_stream(const PdfValue& dictionary, std::size_t at) const;
    void read_object_streams();
    void read_trailers();
    void keep(PdfObject object);
    std::string undo(std::string bytes, std::string_view filter, const PdfValue& settings,
                     ByteSpan at) const;

    const Source& source_;
    Collector& collector_;
    std::deque<PdfObject> objects_;  // never moved
    std::unordered_map<std::size_t, const PdfObject*> by_number_;
    std::size_t values_left_ = kMaxPdfValues;
    bool encrypted_ = false;
};

}  // namespace credence::guard
