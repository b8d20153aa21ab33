// A guided job that users start from: a text with places to fill in, offered over MCP. Modules
// register them beside their operations:
//
//   host.prompt({.name = "review_claim", .title = "Review a claim", .description = "…",
//                .arguments = {{"claim_id", "The claim", true, "trust.get_claim.claim_id"}},
//                .text = "Read the claim {claim_id} …"});
#pragma once

#include <string>
#include <vector>

namespace credence {

struct PromptArgument {
    std::string name;
    std::string description;
    bool required = false;
    // "module.verb.field": its enumeration or ids complete this argument. Empty: no completion.
    std::string completes = {};
};

struct Prompt {
    std::string name;  // "review_claim"
    std::string title;
    std::string description;
    std::vector<PromptArgument> arguments = {};
    std::string text;  // Markdown; {name} stands for an argument, dropped with its line when absent
    std::string scope = {};  // needed to see it; empty: none
};

}  // namespace credence
