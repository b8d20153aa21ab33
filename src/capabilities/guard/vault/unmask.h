// Puts values back where their masks stand, in a text or in JSON (the arguments of a tool call).
//
// A mask is recognised as models spell it (masks.h: read_mask) and replaced by its value in the
// spelling that its surroundings need: percent-encoded between percent-encoded brackets, with
// entities between entities. In JSON a value is escaped once inside a string and twice inside JSON
// that is itself a string's text ("arguments":"{\"to\":\"[EMAIL_1]\"}"); a mask that stands bare
// becomes a string. Valid JSON in, valid JSON out.
//
// What is no mask of the vault is left as it was and counted. Values are not read for masks again.
// Linear. An Unmasker is for one text and not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capabilities/guard/vault/masks.h"

namespace credence::guard {

enum class UnmaskInto : std::uint8_t { text, json };

// The value of a mask ("[EMAIL_1]"), or nothing when it is unknown.
using MaskLookup = std::function<Result<std::optional<std::string>>(const std::string& mask)>;
MaskLookup lookup_in(std::map<std::string, std::string> values);

// A text that arrives in chunks: a mask may be cut anywhere.
class Unmasker {
public:
    static constexpr std::size_t kMaxHeldBytes = kMaxMaskBytes;

    explicit Unmasker(MaskLookup lookup, UnmaskInto into = UnmaskInto::text)
        : lookup_(std::move(lookup)), into_(into) {}

    // Holds back at most kMaxHeldBytes of a mask that may be beginning. Fails as the lookup does.
    Result<std::string> feed(std::string_view chunk);
    Result<std::string> finish();

    std::int64_t restored() const { return restored_; }
    std::int64_t unknown() const { return unknown_; }  // masks by their looks, without a value
    std::size_t held_bytes() const { return held_.size(); }

private:
    Result<std::string> run(bool more);
    Result<bool> restore(const ReadMask& read, std::string& out);
    void pass(char c, std::string& out);
    std::string in_json(const std::string& value) const;

    MaskLookup lookup_;
    UnmaskInto into_;
    std::string held_;
    std::int64_t restored_ = 0;
    std::int64_t unknown_ = 0;
    // Where in a JSON text we are.
    bool in_string_ = false;
    bool escaped_ = false;  // behind a backslash
    bool fresh_ = false;    // nothing but blanks in the string so far
    bool nested_ = false;   // the string's text is JSON
};

struct Unmasked {
    std::string text;
    std::int64_t restored = 0;
    std::int64_t unknown = 0;
};
Result<Unmasked> unmask(std::string_view text, const MaskLookup& lookup,
                        UnmaskInto into = UnmaskInto::text);

}  // namespace credence::guard
