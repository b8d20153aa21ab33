// The two loops that training spends its time in, for AVX2 with FMA and for any processor.
#pragma once

#include <cstddef>

namespace credence::guard {

// out[c] += sum over i of in[i] * weights[i * outs + c], for c < outs. Zeros of `in` are skipped.
// outs: a multiple of 32.
void add_product(const float* in, std::size_t ins, const float* weights, std::size_t outs,
                 float* out);

// weights[i * outs + c] += in[i] * gradient[c].
void add_outer(const float* in, std::size_t ins, const float* gradient, std::size_t outs,
               float* weights);

}  // namespace credence::guard
