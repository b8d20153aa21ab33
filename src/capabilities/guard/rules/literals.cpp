#include "capabilities/guard/rules/literals.h"

#include <algorithm>

#include "base/check.h"

namespace credence::guard {

Literals Literals::of(std::span<const std::string_view> texts) {
    Literals made;
    std::string_view head;
    std::vector<std::uint32_t> open;  // literals that the next one may begin with
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = texts[i];
        CHECK(text.size() <= kMaxBytes, "a literal is too long");
        if (i == 0 || head_of(text) != head) {
            head = head_of(text);
            made.heads.push_back({i, 0, static_cast<std::uint32_t>(made.bytes.size()),
                                  static_cast<std::uint32_t>(head.size())});
            made.bytes += head;
            open.clear();
        }
        ++made.heads.back().count;
        while (!open.empty() && !text.starts_with(texts[open.back()])) {
            open.pop_back();
        }
        // One that stands too far off is not linked to: never seen, and a miss only.
        const std::uint32_t back = open.empty() ? 0 : i - open.back();
        const std::string_view rest = text.substr(head.size());
        made.tails.push_back({static_cast<std::uint32_t>(made.bytes.size()),
                              static_cast<std::uint16_t>(rest.size()),
                              static_cast<std::uint16_t>(back <= 0xFFFF ? back : 0)});
        made.bytes += rest;
        open.push_back(i);
    }
    return made;
}

bool Literals::sound() const {
    const bool in_heads = std::all_of(heads.begin(), heads.end(), [&](const Head& head) {
        return std::size_t{head.first} + head.count <= tails.size() && head.size <= kHeadBytes &&
               std::size_t{head.at} + head.size <= bytes.size();
    });
    std::size_t literal = 0;
    return in_heads && std::all_of(tails.begin(), tails.end(), [&](const Tail& tail) {
               return std::size_t{tail.at} + tail.size <= bytes.size() && tail.shorter <= literal++;
           });
}

std::uint32_t Literals::last_not_after(const Head& head, std::string_view rest) const {
    std::uint32_t low = 0;
    std::uint32_t high = head.count;
    while (low < high) {
        const std::uint32_t middle = (low + high) / 2;
        const std::string_view tail = this->tail(head.first + middle);
        if (tail.compare(rest.substr(0, tail.size())) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? kNone : head.first + low - 1;
}

}  // namespace credence::guard
