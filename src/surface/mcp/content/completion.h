// completion/complete for the arguments of prompts and the placeholders of resource templates:
// enumerations from the catalogue, ids by asking the operation that lists them
// (Operation::ids_from) as the caller. Whatever the caller may not see, or has no values, completes
// to nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/dispatch.h"
#include "api/prompt.h"
#include "surface/mcp/protocol/feature.h"

namespace credence::surface::mcp {

// Thread-safe.
class Completion final : public Feature {
public:
    static constexpr std::size_t kMaxValues = 100;
    static constexpr std::size_t kMaxTypedBytes = 1'024;  // of the value typed so far

    // The prompts are borrowed.
    Completion(Dispatcher& dispatcher, const std::vector<Prompt>& prompts);

    bool complete(const RequestPtr& request) override;

private:
    bool complete_prompt(const Members& reference, const RequestPtr& request);
    bool complete_resource(const Members& reference, const RequestPtr& request);
    void complete_field(const Operation* operation, std::string_view field,
                        const RequestPtr& request);
    void complete_ids(const Operation& lists, std::string_view field, const RequestPtr& request);

    Dispatcher& dispatcher_;
    const std::vector<Prompt>& prompts_;
};

}  // namespace credence::surface::mcp
