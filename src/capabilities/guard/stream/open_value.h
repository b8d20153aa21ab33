// A value that was masked before its end had come: what of the text still belongs to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace credence::guard {

class OpenValue {
public:
    static constexpr std::size_t kMaxBytes = 16 * 1024;  // of a value without its end; then it ends
    static constexpr std::size_t kMaxLineBytes = 64;     // behind the words that end it

    // It goes on to the end of the line that holds `last` ("-----END ").
    void until_line_with(std::string_view last);
    // It goes on while characters follow that keys and tokens are made of.
    void while_token();

    bool active() const { return state_ != State::none; }
    // Where in `text` the value ends, as far as it is known, when it covers all before `from`.
    // While active() stays true, that is the end but for a beginning of `last`.
    std::size_t skip(std::string_view text, std::size_t from);

private:
    enum class State : std::uint8_t { none, words, line, token };

    State state_ = State::none;
    std::string last_;
    std::size_t bytes_ = 0;
};

}  // namespace credence::guard
