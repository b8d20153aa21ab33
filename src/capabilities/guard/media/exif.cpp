// EXIF and TIFF: directories of tagged values, in either byte order.
#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/encoding.h"
#include "capabilities/guard/media/formats.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxDirectories = 32;
constexpr std::size_t kMaxEntries = 4096;        // of all directories
constexpr std::size_t kMaxValueBytesFactor = 2;  // values may overlap, but not without end
constexpr std::size_t kTagBytes = 12;

struct TagName {
    unsigned tag;
    std::string_view name;
};
constexpr std::array<TagName, 26> kNames = {{
    {0x010d, "DocumentName"},
    {0x010e, "ImageDescription"},
    {0x010f, "Make"},
    {0x0110, "Model"},
    {0x011d, "PageName"},
    {0x0131, "Software"},
    {0x0132, "DateTime"},
    {0x013b, "Artist"},
    {0x013c, "HostComputer"},
    {0x8298, "Copyright"},
    {0x927c, "MakerNote"},
    {0x9286, "UserComment"},
    {0x9c9b, "XPTitle"},
    {0x9c9c, "XPComment"},
    {0x9c9d, "XPAuthor"},
    {0x9c9e, "XPKeywords"},
    {0x9c9f, "XPSubject"},
    {0xa004, "RelatedSoundFile"},
    {0xa420, "ImageUniqueID"},
    {0xa430, "CameraOwnerName"},
    {0xa431, "BodySerialNumber"},
    {0xa433, "LensMake"},
    {0xa434, "LensModel"},
    {0xa435, "LensSerialNumber"},
    {0xc614, "UniqueCameraModel"},
    {0xfde8, "OwnerName"},
}};

// The bytes of one value of each TIFF type.
constexpr std::array<std::size_t, 14> kTypeBytes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
constexpr unsigned kAscii = 2;
constexpr unsigned kGpsDirectory = 0x8825;

std::string name_of(unsigned tag) {
    for (const TagName& known : kNames) {
        if (known.tag == tag) {
            return "exif." + std::string(known.name);
        }
    }
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "exif.0x%04x", tag);
    return text.data();
}

bool has_letters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return code >= 0x80 || (code | 0x20U) - 'a' < 26U;
    });
}

// A comment begins with eight bytes that name its encoding.
std::string user_comment(std::string_view value, Endian endian) {
    const std::string_view body = slice(value, 8, value.size());
    if (value.starts_with("UNICODE")) {
        // Writers disagree whether it follows the file's byte order: take the order that makes
        // the fewer characters outside of the common blocks.
        const Endian other = endian == Endian::big ? Endian::little : Endian::big;
        std::size_t zeros = 0;
        std::size_t swapped = 0;
        for (std::size_t i = 0; i + 1 < body.size(); i += 2) {
            const std::size_t high = endian == Endian::big ? i : i + 1;
            zeros += body[high] == '\0' ? 1 : 0;
            swapped += body[high ^ 1U] == '\0' ? 1 : 0;
        }
        return from_utf16(body, swapped > zeros ? other : endian);
    }
    return from_unknown(value.starts_with("ASCII") || value.starts_with(std::string(8, '\0')) ||
                                value.starts_with("JIS")
                            ? body
                            : value);
}

class ExifReader {
public:
    ExifReader(const Source& source, Collector& collector)
        : source_(source),
          collector_(collector),
          endian_(source.bytes.starts_with("MM") ? Endian::big : Endian::little),
          bytes_left_(source.bytes.size() * kMaxValueBytesFactor) {}

    void read() {
        directories_.push_back(number(4, 4));
        for (std::size_t i = 0; i < directories_.size(); ++i) {
            directory(directories_[i]);
        }
    }

private:
    std::size_t number(std::size_t at, std::size_t size) const {
        return read_number(source_.bytes, at, size, endian_);
    }

    void follow(std::size_t at) {
        if (at == 0) {
            return;
        }
        if (at + 2 > source_.bytes.size()) {
            collector_.note(source_, "damaged", "exif: a directory outside of the data", {});
            return;
        }
        const bool seen =
            std::find(directories_.begin(), directories_.end(), at) != directories_.end();
        if (seen) {
            return;
        }
        if (directories_.size() >= kMaxDirectories) {
            collector_.limit("directories of EXIF");
            return;
        }
        directories_.push_back(at);
    }

    void directory(std::size_t at) {
        const std::size_t count = number(at, 2);
        if (at + 2 + count * kTagBytes > source_.bytes.size()) {
            collector_.damaged(source_, "exif: a directory is cut off", at);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t place = at + 2 + i * kTagBytes;
            if (place + kTagBytes > source_.bytes.size()) {
                return;
            }
            if (++entries_ > kMaxEntries) {
                collector_.limit("entries of EXIF");
                return;
            }
            entry(place);
        }
        follow(number(at + 2 + count * kTagBytes, 4));
    }

    void entry(std::size_t place) {
        const auto tag = static_cast<unsigned>(number(place, 2));
        const auto type = static_cast<unsigned>(number(place + 2, 2));
        const std::size_t count = number(place + 4, 4);
        if (type == 0 || type >= kTypeBytes.size() || tag == kGpsDirectory) {
            return;
        }
        const std::size_t size = count * kTypeBytes.at(type);
        const std::size_t at = size <= 4 ? place + 8 : number(place + 8, 4);
        if (tag == 0x8769 || tag == 0xa005 || tag == 0x014a) {
            for (std::size_t i = 0; i < std::min<std::size_t>(count, 8); ++i) {
                follow(number((tag == 0x014a ? at : place + 8) + i * 4, 4));
                if (tag != 0x014a) {
                    break;
                }
            }
            return;
        }
        if (at >= source_.bytes.size() || size > source_.bytes.size() - at) {
            if (type == kAscii) {
                collector_.damaged(source_, name_of(tag) + " lies outside", place);
            }
            return;
        }
        if (size > bytes_left_) {
            collector_.limit("values of EXIF");
            return;
        }
        value(tag, type, {at, at + size});
    }

    void value(unsigned tag, unsigned type, ByteSpan at) {
        const std::string_view bytes = source_.bytes.substr(at.start, at.end - at.start);
        const auto counts = [&] { bytes_left_ -= bytes.size(); };
        if (tag == 0x02bc || tag == 0x83bb || tag == 0x8649 || tag == 0x8773) {
            counts();
            const Source inner = source_.part(at);
            tag == 0x02bc   ? read_xmp(inner, collector_)
            : tag == 0x83bb ? read_iptc(inner, collector_)
            : tag == 0x8649 ? read_photoshop(inner, collector_)
                            : read_icc(inner, collector_);
        } else if (tag >= 0x9c9b && tag <= 0x9c9f) {
            counts();
            collector_.part(source_, name_of(tag), from_utf16(bytes, Endian::little), at);
        } else if (tag == 0x9286) {
            counts();
            collector_.part(source_, name_of(tag), user_comment(bytes, endian_), at);
        } else if (tag == 0x927c) {
            counts();
            read_runs(source_, name_of(tag), at, collector_);
        } else if (type == kAscii) {
            counts();
            if (has_letters(bytes)) {
                collector_.part(source_, name_of(tag), from_unknown(bytes), at);
            }
        }
    }

    const Source& source_;
    Collector& collector_;
    Endian endian_;
    std::size_t bytes_left_;
    std::size_t entries_ = 0;
    std::vector<std::size_t> directories_;
};

}  // namespace

void read_exif(const Source& source, Collector& collector) {
    if (!source.bytes.starts_with("II") && !source.bytes.starts_with("MM")) {
        collector.damaged(source, "exif: no byte order", 0);
        read_runs(source, "exif.rest", {0, source.bytes.size()}, collector);
        return;
    }
    ExifReader(source, collector).read();
}

void read_tiff(const Source& source, Collector& collector) {
    read_exif(source, collector);
}

}  // namespace credence::guard
