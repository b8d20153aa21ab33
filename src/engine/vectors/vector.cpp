#include "engine/vectors/vector.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/vectors/vector_kernels.h"

namespace credence::vectors {

Vector vector_from(std::vector<std::int8_t> values) {
    Vector vector;
    std::int64_t squares = 0;
    for (const std::int8_t value : values) {
        squares += std::int64_t{value} * value;
    }
    vector.values = std::move(values);
    vector.inverse_length = squares == 0 ? 0.0F : 1.0F / std::sqrt(static_cast<float>(squares));
    return vector;
}

Result<Vector> quantise(std::span<const float> values) {
    float largest = 0;
    for (const float value : values) {
        if (!std::isfinite(value)) {
            return fail(Code::invalid, "a vector has a value that is not a number");
        }
        largest = std::max(largest, std::abs(value));
    }
    std::vector<std::int8_t> out(values.size());
    for (std::size_t i = 0; i < values.size() && largest > 0; ++i) {
        out[i] = static_cast<std::int8_t>(std::lround(values[i] / largest * 127.0F));
    }
    return vector_from(std::move(out));
}

double cosine(const Vector& a, const Vector& b) {
    if (a.values.size() != b.values.size() || a.empty()) {
        return 0;
    }
    std::int32_t product = 0;
    scalar_kernels().dot(a.values.data(), b.values.data(), 1, a.values.size(), &product);
    const double value = static_cast<double>(product) * static_cast<double>(a.inverse_length) *
                         static_cast<double>(b.inverse_length);
    return std::clamp(value, -1.0, 1.0);
}

std::string encode_vector(const Vector& vector) {
    if (vector.empty()) {
        return {};
    }
    constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    std::string out(sodium_base64_encoded_len(vector.values.size(), kVariant), '\0');
    sodium_bin2base64(out.data(), out.size(),
                      reinterpret_cast<const unsigned char*>(vector.values.data()),
                      vector.values.size(), kVariant);
    out.pop_back();  // the terminator
    return out;
}

Result<Vector> decode_vector(std::string_view text) {
    static constexpr auto kValues = [] {
        std::array<std::uint8_t, 256> values{};
        values.fill(0xff);
        constexpr std::string_view kAlphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
            values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
        }
        return values;
    }();
    // Three bytes of four characters at a time; a wrong character sets the high bits of `wrong`.
    std::vector<std::int8_t> out(text.size() * 3 / 4);
    const auto value_at = [&](std::size_t i) -> std::uint32_t {
        return i < text.size() ? kValues[static_cast<unsigned char>(text[i])] : 0;
    };
    std::uint32_t wrong = 0;
    std::int8_t* at = out.data();
    std::size_t left = out.size();
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::uint32_t a = value_at(i);
        const std::uint32_t b = value_at(i + 1);
        const std::uint32_t c = value_at(i + 2);
        const std::uint32_t d = value_at(i + 3);
        wrong |= a | b | c | d;
        const std::uint32_t bits = (a << 18) | (b << 12) | (c << 6) | d;
        for (int shift = 16; shift >= 0 && left > 0; shift -= 8, --left) {
            *at++ = static_cast<std::int8_t>((bits >> shift) & 0xff);
        }
    }
    if ((wrong & 0xc0U) != 0) {
        return fail(Code::internal, "a stored vector cannot be read");
    }
    return vector_from(std::move(out));
}

}  // namespace credence::vectors
