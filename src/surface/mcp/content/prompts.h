// Prompts: the guided jobs the modules registered (Host::prompt), as one user message of text.
//
// A prompt that needs a scope the caller lacks does not exist for them. Bad arguments are
// invalid_params that name the argument: a required one missing or empty, one that is unknown, no
// text, or longer than kMaxArgumentBytes. Values are put in as they are and never read again, so
// that no value can stand for another argument.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "api/prompt.h"
#include "surface/mcp/protocol/feature.h"

namespace credence::surface::mcp {

// The text with its arguments filled in. A line with an argument that is absent is left out.
std::string render_prompt(const Prompt& prompt,
                          const std::map<std::string, std::string, std::less<>>& arguments);

// Whether this caller sees it.
bool offers_prompt(const Caller& caller, const Prompt& prompt);

// Immutable and thread-safe.
class Prompts final : public Feature {
public:
    static constexpr std::size_t kMaxArgumentBytes = std::size_t{256} << 10;

    // The prompts are borrowed.
    Prompts(Dispatcher& dispatcher, const std::vector<Prompt>& prompts);

    void prompts(const Caller& caller, std::vector<std::string>& out) const override;
    bool get_prompt(std::string_view name, const RequestPtr& request) override;

private:
    const std::vector<Prompt>& prompts_;
    std::vector<std::string> listed_;  // as prompts_
};

}  // namespace credence::surface::mcp
