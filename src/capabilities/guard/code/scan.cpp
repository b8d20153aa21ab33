#include "capabilities/guard/code/scan.h"

#include <algorithm>

namespace credence::guard {

namespace {

constexpr std::size_t kMaxBlanks = 32;

}  // namespace

void CodeScan::add(Detector detector, std::size_t start, std::size_t end, double confidence) {
    std::uint8_t& count = counts_[static_cast<std::size_t>(detector)];
    if (count >= kMaxOfAKind || full() || text.empty()) {
        return;
    }
    ++count;
    start = std::min(start, text.size() - 1);
    end = std::clamp(end, start + 1, text.size());
    found_.push_back({detector, {start, end}, confidence});
}

std::size_t CodeScan::skip_blanks(std::size_t index) const {
    const std::size_t end = std::min(text.size(), index + kMaxBlanks);
    while (index < end && is_blank(text[index])) {
        ++index;
    }
    return index;
}

std::size_t CodeScan::back_blanks(std::size_t index) const {
    const std::size_t end = index - std::min(index, kMaxBlanks);
    while (index > end && is_blank(text[index - 1])) {
        --index;
    }
    return index;
}

std::string_view CodeScan::around(std::size_t index, std::size_t before, std::size_t after) const {
    const std::size_t from = index - std::min(index, before);
    return text.substr(from, std::min(text.size(), index + after) - from);
}

}  // namespace credence::guard
