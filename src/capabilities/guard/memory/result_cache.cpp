#include "capabilities/guard/memory/result_cache.h"

#include <sodium.h>

#include "base/check.h"

namespace credence::guard {
namespace {

class Digest {
public:
    Digest() { CHECK(crypto_generichash_init(&state_, nullptr, 0, kBytes) == 0, "no BLAKE2b"); }
    Digest& add(std::string_view text) {
        add(std::uint64_t{text.size()});
        update(text.data(), text.size());
        return *this;
    }
    Digest& add(std::uint64_t number) {
        std::array<std::uint8_t, 8> bytes;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
        update(bytes.data(), bytes.size());
        return *this;
    }
    ResultKey take() {
        ResultKey out;
        crypto_generichash_final(&state_, out.data(), out.size());
        return out;
    }

private:
    static constexpr std::size_t kBytes = std::tuple_size_v<ResultKey>;

    void update(const void* bytes, std::size_t size) {
        crypto_generichash_update(&state_, static_cast<const unsigned char*>(bytes), size);
    }

    crypto_generichash_state state_;
};

}  // namespace

ResultKey result_key(const ResultSource& source) {
    return Digest()
        .add("credence.guard.result.1")
        .add(source.text)
        .add(source.tenant)
        .add(source.name_space)
        .add(static_cast<std::uint64_t>(source.channel))
        .add(static_cast<std::uint64_t>(source.direction))
        .add(static_cast<std::uint64_t>(source.mode))
        .add(source.rule_digest)
        .add(source.model_version)
        .add(source.memory_generation)
        .add(source.policy_digest)
        .add(source.options)
        .take();
}

}  // namespace credence::guard
