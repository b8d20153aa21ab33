// Brings over what the former system recorded: its SQLite file, of any of its four layouts, or its
// JSON export. Repeating an import adds nothing; a file that has grown adds what is new.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/shape.h"

namespace credence::skills {

struct ImportSkills {
    std::string file;
};
void describe(Describe<ImportSkills>&);

// A skill whose figures in the old file do not follow from the rows of that file.
struct ImportDifference {
    std::string skill_name;
    std::int64_t old_total = 0;
    std::int64_t rows = 0;
    double old_completion_rate = 0;  // as a fraction
    double completion_rate = 0;      // of the rows
};
void describe(Describe<ImportDifference>&);

struct ImportReport {
    static constexpr std::size_t kMaxDifferences = 100;

    std::string layout;  // "sqlite_v1" … "sqlite_v4", "json"
    std::int64_t total = 0;
    std::int64_t imported = 0;
    std::int64_t already_there = 0;
    std::int64_t skipped = 0;
    std::int64_t sessions = 0;                     // made or widened
    std::int64_t taxonomy_entries = 0;             // new or changed
    std::map<std::string, std::int64_t> mended;    // what was put right, and how often
    std::map<std::string, std::int64_t> reasons;   // why rows were skipped
    std::map<std::string, std::int64_t> left_out;  // tables of the file that are not brought over
    std::vector<ImportDifference> differences;     // at most kMaxDifferences
};
void describe(Describe<ImportReport>&);

}  // namespace credence::skills
