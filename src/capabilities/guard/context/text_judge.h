// How the parts of this folder have a text judged: by the whole guard, without knowing it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

struct TextToJudge {
    std::string_view text;
    SourceKind source_kind = SourceKind::user;
    Direction direction = Direction::input;
    std::string_view task;    // may be empty
    bool rules_only = false;  // Mode::text_only: for texts put together from others
};

struct TextThreat {
    Category category = Category::prompt_injection;
    std::string technique;
    Severity severity = Severity::low;
    double score = 0;
    ByteSpan span;  // of the text
    std::string rule;
};

struct JudgedText {
    Verdict verdict = Verdict::allow;  // of the policy in force
    double score = 0;
    double attack_score = 0;
    std::vector<TextThreat> threats;
    std::vector<std::string> signals;  // "signal.fiction_frame", …: what was found of them
};

// Thread-safe, linear, touches no store. Fails as a scan does.
using TextJudge = std::function<Result<JudgedText>(const Context&, const TextToJudge&)>;

}  // namespace credence::guard
