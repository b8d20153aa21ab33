// What the skills module knows about how well skills do, for the entries of skills/list: read
// through its own operations, as the caller.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/dispatch.h"

namespace credence::surface::mcp {

// By skill: {"n","success_rate","lower","upper","method","trend"?} as JSON. A skill nobody used is
// not in it: unknown is not zero.
using SkillEffects = std::map<std::string, std::string, std::less<>>;

// Pages of skills.list_skill_metrics that are looked at; the most used come first.
inline constexpr int kMaxMetricPages = 10;

// Calls done exactly once, possibly before it returns, possibly on another thread. Empty without
// the module or the scope to read it.
void read_skill_effects(Dispatcher& dispatcher, const Context& context,
                        std::vector<std::string> names, std::function<void(SkillEffects)> done);

}  // namespace credence::surface::mcp
