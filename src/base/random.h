// The only source of chance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>

namespace credence {

// Thread-safe.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(void* out, std::size_t bytes) = 0;
    std::uint64_t next();
};

// getrandom(2): fit for keys.
class SystemRandom final : public Random {
public:
    void fill(void* out, std::size_t bytes) override;
};

// Reproducible from its seed; never for keys outside tests.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(void* out, std::size_t bytes) override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace credence
