// Text that must never be shown: it cannot be formatted, logged, or written as JSON.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace credence {

class Secret {
public:
    static constexpr std::string_view kFormat = "password";
    static constexpr bool kSecret = true;

    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) = default;
    ~Secret();  // wipes the memory

    static Result<Secret> parse(std::string_view text) { return Secret(std::string(text)); }
    std::string to_string() const { return text_.empty() ? "" : "***"; }
    bool empty() const { return text_.empty(); }
    // The text itself. Every call site is a place to review.
    const std::string& reveal() const { return text_; }

private:
    std::string text_;
};

}  // namespace credence
