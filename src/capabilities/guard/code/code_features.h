// What the structural scorer sees of a piece of code: hashed features of its shape.
//
// Known words (code_vocabulary.h), flags, classes of paths, addresses, numbers and literals,
// operators; pairs of neighbours, of a command or call and what it is given, of commands joined by
// a pipe, and of groups of words anywhere in the piece. Names that a text invents are "a name".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace credence::guard {

inline constexpr std::size_t kFeatureBuckets = 1U << 14U;
// A longer piece is cut; the scorer cuts texts into pieces no longer than this.
inline constexpr std::size_t kMaxPieceBytes = 4096;

// A first look that costs prose next to nothing.
struct CodeLook {
    bool is_code = false;
    std::size_t steps = 0;  // bytes read: at most half of a long text
};
CodeLook look_for_code(std::string_view text);

// Reads pieces one after another; holds no state between them but memory. One per thread.
class CodeFeatures {
public:
    // The buckets that are set, each once, in order of first appearance; valid until the next call.
    // Lower-case text. Linear in it; at most kMaxFeatures.
    std::span<const std::uint16_t> of(std::string_view lower);

private:
    static constexpr std::size_t kMaxFeatures = 3000;
    static constexpr std::size_t kMaxGroups = 160;  // groups of words and classes of targets

    void line(std::size_t begin, std::size_t end);
    std::size_t token(std::size_t at, std::size_t end);
    std::size_t quote(std::size_t at);
    std::size_t sign(std::size_t at, std::size_t end);
    std::size_t flag(std::size_t at, std::size_t end);
    std::size_t number(std::size_t at, std::size_t end);
    std::size_t word(std::size_t at, std::size_t end);
    std::size_t path(std::size_t at, std::size_t end);
    void targets(std::string_view word);
    void known(std::uint32_t hash, std::uint8_t group, bool called);
    void unknown(std::string_view word, bool called);
    void start_command();
    void atom(std::uint32_t hash);
    void emit(std::uint32_t hash);
    void saw(std::size_t group);
    void pair_groups();
    char at(std::size_t index) const { return index < text_.size() ? text_[index] : '\0'; }

    std::string_view text_;
    std::vector<std::uint16_t> set_;
    std::array<std::uint64_t, kFeatureBuckets / 64> seen_{};
    std::array<bool, kMaxGroups> groups_{};
    std::uint32_t before_ = 0;  // the last atom of the command
    std::uint32_t head_ = 0;    // the name of the command
    std::uint32_t call_ = 0;    // the last call of the line
    std::uint32_t piped_from_ = 0;
    char quote_ = '\0';
    std::uint32_t outer_head_ = 0;  // of the command around the quotes
};

}  // namespace credence::guard
