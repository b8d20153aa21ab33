#include "capabilities/skills/record/embedding_text.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "capabilities/skills/record/invocations.h"

namespace credence::skills {
namespace {

constexpr std::size_t kEmbeddingBytes = kEmbeddingNumbers * sizeof(float);
constexpr std::size_t kEmbeddingText = kEmbeddingBytes / 3 * 4;
constexpr int kEmbeddingVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
static_assert(kEmbeddingBytes % 3 == 0 && std::endian::native == std::endian::little);

}  // namespace

Result<std::string> encode_embedding(std::span<const double> numbers) {
    if (numbers.size() != kEmbeddingNumbers) {
        return fail(Code::invalid, "an embedding has 384 numbers", "embedding");
    }
    // By the largest first: squares of huge or tiny numbers leave the range of double.
    double largest = 0;
    for (const double number : numbers) {
        if (!std::isfinite(number)) {
            return fail(Code::invalid, "an embedding has finite numbers", "embedding");
        }
        largest = std::max(largest, std::abs(number));
    }
    if (largest == 0) {
        return fail(Code::invalid, "an embedding of zeros says nothing", "embedding");
    }
    double squares = 0;
    for (const double number : numbers) {
        squares += (number / largest) * (number / largest);
    }
    const double length = std::sqrt(squares);
    std::array<float, kEmbeddingNumbers> values{};
    for (std::size_t i = 0; i < kEmbeddingNumbers; ++i) {
        values[i] = static_cast<float>(numbers[i] / largest / length);
    }
    std::string out(kEmbeddingText + 1, '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(values.data()),
                      kEmbeddingBytes, kEmbeddingVariant);
    out.pop_back();  // the terminator
    return out;
}

Result<std::vector<float>> decode_embedding(std::string_view text) {
    std::vector<float> values(kEmbeddingNumbers);
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(values.data()), kEmbeddingBytes,
                          text.data(), text.size(), nullptr, &length, nullptr,
                          kEmbeddingVariant) != 0 ||
        length != kEmbeddingBytes) {
        return fail(Code::internal, "a stored embedding cannot be read");
    }
    return values;
}

}  // namespace credence::skills
