// Results that carry foreign text pass the guard before the model sees them (setting
// mcp.guard_results). Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "api/dispatch.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface::mcp {

class ResultGuard {
public:
    static constexpr std::string_view kScanner = "guard.scan";
    // The most text of one result; a result with more cannot be judged, and is withheld.
    static constexpr std::size_t kMaxJudgedBytes = std::size_t{1} << 20;

    ResultGuard(Dispatcher& dispatcher, McpGuard setting);

    // Code::invalid when the setting asks for a guard this server does not have.
    static Result<void> check(const Catalog& catalog, McpGuard setting);

    // Whether results of this operation are judged: the setting is on and the answer can hold texts
    // that others wrote. Not those of the guard itself, which quote attacks by purpose.
    bool judges(const Operation& operation) const;

    // The whole CallToolResult for an answer of a judged operation: as it is, marked in _meta, or
    // withheld. What cannot be judged is withheld. `judged` is called exactly once, perhaps later
    // and on another thread.
    void judge(const Operation& operation, const Context& caller, std::string answer_json,
               std::function<void(std::string result_json)> judged) const;

    // The same now, on this thread, which may use the store, for a CallToolResult that was made
    // already: results of tasks. What is no judged operation's, or an error, stays as it is.
    std::string judge_now(const Operation& operation, const Context& caller,
                          std::string result_json) const;

private:
    struct Question;
    Question question_of(const Context& caller, const std::string& text) const;

    Dispatcher& dispatcher_;
    McpGuard setting_;
    const Operation* scan_;
};

// The texts of an answer, one a line: values of text and free JSON, not names of enumerations, ids
// or numbers.
std::string foreign_text(const Shape& shape, std::string_view json);

}  // namespace credence::surface::mcp
