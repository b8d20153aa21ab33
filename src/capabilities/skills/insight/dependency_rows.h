// The SQL over skill_dependencies, as far as the taxonomy declared them. The tenant comes first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills::dependency_rows {

struct Declared {
    std::string other;
    std::int64_t co_occurrence_count = 0;
    double declared_lift = 0;
};
void describe(Describe<Declared>&);

// Of a skill, whichever side it stands on; the strongest first.
Result<std::vector<Declared>> declared_of(store::Tx& tx, std::string_view tenant,
                                          std::string_view skill_name, std::int64_t limit);

}  // namespace credence::skills::dependency_rows
