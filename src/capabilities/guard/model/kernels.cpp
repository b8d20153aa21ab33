#include "capabilities/guard/model/kernels.h"

namespace credence::guard {

namespace {

constexpr std::size_t kLanes = 32;  // floats that stay in registers

[[gnu::always_inline]] inline void product_body(const float* in, std::size_t ins,
                                                const float* weights, std::size_t outs,
                                                float* __restrict out) {
    for (std::size_t from = 0; from < outs; from += kLanes) {
        float sums[kLanes];
        for (std::size_t c = 0; c < kLanes; ++c) {
            sums[c] = out[from + c];
        }
        for (std::size_t i = 0; i < ins; ++i) {
            const float value = in[i];
            if (value == 0) {
                continue;
            }
            const float* row = weights + i * outs + from;
            for (std::size_t c = 0; c < kLanes; ++c) {
                sums[c] += value * row[c];
            }
        }
        for (std::size_t c = 0; c < kLanes; ++c) {
            out[from + c] = sums[c];
        }
    }
}

[[gnu::always_inline]] inline void outer_body(const float* in, std::size_t ins,
                                              const float* gradient, std::size_t outs,
                                              float* __restrict weights) {
    for (std::size_t i = 0; i < ins; ++i) {
        const float value = in[i];
        if (value == 0) {
            continue;
        }
        for (std::size_t from = 0; from < outs; from += kLanes) {
            float* row = weights + i * outs + from;
            for (std::size_t c = 0; c < kLanes; ++c) {
                row[c] += value * gradient[from + c];
            }
        }
    }
}

[[gnu::target("avx2,fma")]] void product_wide(const float* in, std::size_t ins,
                                              const float* weights, std::size_t outs, float* out) {
    product_body(in, ins, weights, outs, out);
}

[[gnu::target("avx2,fma")]] void outer_wide(const float* in, std::size_t ins, const float* gradient,
                                            std::size_t outs, float* weights) {
    outer_body(in, ins, gradient, outs, weights);
}

bool has_wide() {
    static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return wide;
}

}  // namespace

void add_product(const float* in, std::size_t ins, const float* weights, std::size_t outs,
                 float* out) {
    if (has_wide()) {
        product_wide(in, ins, weights, outs, out);
    } else {
        product_body(in, ins, weights, outs, out);
    }
}

void add_outer(const float* in, std::size_t ins, const float* gradient, std::size_t outs,
               float* weights) {
    if (has_wide()) {
        outer_wide(in, ins, gradient, outs, weights);
    } else {
        outer_body(in, ins, gradient, outs, weights);
    }
}

}  // namespace credence::guard
