// Between a stored verification and what callers see of it. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verifier.h"

namespace credence::trust {

// Code::internal: what the store holds is none of them.
template <class Enum>
Result<Enum> stored_enumerator(std::string_view name) {
    const auto& names = shape_of<Enum>().enumerators;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) {
            return static_cast<Enum>(i);
        }
    }
    return fail(Code::internal, "a stored verification is damaged");
}

// At most `limit` bytes of valid UTF-8: the beginning, and (for longer text) a note of how much is
// left out and the end, where programs print their summary.
std::string excerpt(std::string_view text, std::size_t limit);

StreamExcerpt excerpt_of(const sandbox::Stream& stream);

// `limit`: bytes of each excerpt that are shown.
Result<Verification> view(const rows::VerificationRecord& record, std::size_t limit);

}  // namespace credence::trust
