#include "capabilities/guard/rules/head_index.h"

namespace credence::guard {

HeadIndex::HeadIndex(const Literals& literals) {
    const std::size_t cells = std::bit_ceil(2 * literals.heads.size() + 2);
    cells_.resize(cells);
    cell_shift_ = static_cast<unsigned>(64 - std::countr_zero(cells));
    for (std::uint32_t i = 0; i < literals.heads.size(); ++i) {
        add(literals.head(i), i);
    }
    skipped_ = begins_[static_cast<unsigned char>(' ')] ? '\0' : ' ';
}

void HeadIndex::add(std::string_view head, std::uint32_t number) {
    if (head.empty()) {
        return;
    }
    begins_[static_cast<unsigned char>(head[0])] = true;
    const std::uint64_t key = load(head, 0);
    std::size_t cell = cell_of(key);
    while (cells_[cell].size != 0) {
        cell = (cell + 1) & (cells_.size() - 1);
    }
    cells_[cell] = {key, number, static_cast<std::uint32_t>(head.size())};
    sizes_ |= 1U << (head.size() - 1);
    if (head.size() == kHeadBytes) {
        by_eight_.add(key);
        return;
    }
    if (head.size() >= kFour) {
        head.size() >= kSix ? by_six_.add(key) : by_four_.add(key);
        return;
    }
    // With whatever follows a head of fewer bytes than the table looks at.
    const std::uint64_t others = std::uint64_t{1} << (8 * (kFour - 1 - head.size()));
    for (std::uint64_t other = 0; other < others; ++other) {
        by_three_.add(key | (other << (8 * head.size())));
    }
}

}  // namespace credence::guard
