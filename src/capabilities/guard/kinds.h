// The words that every part of the guard shares: what is found, how grave it is, where a text is from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace credence::guard {

enum class Category : std::uint8_t {
    prompt_injection,
    jailbreak,
    prompt_leak,
    tool_poisoning,
    code_execution,
    secrets,
    pii,
};
inline constexpr std::size_t kCategories = 7;

enum class Severity : std::uint8_t { low, medium, high, critical };

// To the model, or from it.
enum class Direction : std::uint8_t { input, output };
// Who wrote the text: the channel it comes by. Orders to the model weigh more where data is expected.
enum class SourceKind : std::uint8_t {
    user,
    assistant,
    document,
    tool_result,
    tool_description,
    system,
};
inline constexpr std::size_t kSourceKinds = 6;

// How much of the guard looks at a text (docs/guard.md).
enum class Mode : std::uint8_t {
    text_only,       // normalise, decode, rules, secrets, personal data, harmful code
    neuro_symbolic,  // and the learned model over text, rules and structure
    unified,         // and the threat memory and attached media
};

// Finders written in C++, because they compute: checksums, ranges, counts (pii.h, analysis.cpp).
enum class Detector : std::uint8_t {
    none,
    email,
    phone,
    credit_card,
    iban,
    us_ssn,
    public_address,
    private_address,
    mac_address,
    hidden_text,
};
inline constexpr std::size_t kDetectors = 10;

}  // namespace credence::guard
