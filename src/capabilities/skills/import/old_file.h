// The former system's files, read piece by piece. Nothing is written to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/import/old_invocation.h"
#include "capabilities/skills/taxonomy/taxonomy.h"

namespace credence::skills {

// Figures of a skill in the file, in its own unit.
struct OldMetrics {
    std::string skill_name;
    std::int64_t total = 0;
    double completion_rate = 0;  // 0 .. 100
};

// Not thread-safe.
class OldFile {
public:
    static constexpr std::int64_t kPiece = 1'000;
    static constexpr std::size_t kMaxJsonBytes = std::size_t{256} << 20;

    // By what it begins with. Code::not_found, unavailable, or invalid where it is neither.
    static Result<std::unique_ptr<OldFile>> open(const std::string& path);
    virtual ~OldFile() = default;

    virtual std::string layout() const = 0;
    // The next rows, at most kPiece; none at the end.
    virtual Result<std::vector<OldInvocation>> next() = 0;
    virtual Result<std::vector<OldMetrics>> metrics() = 0;
    // Categories, modalities and declared dependencies; empty where the file has none.
    virtual Result<TaxonomyDefinition> taxonomy() = 0;
    // Rows of tables that hold more than invocations, by table.
    virtual Result<std::map<std::string, std::int64_t>> other_rows() = 0;
};

// The two kinds.
Result<std::unique_ptr<OldFile>> open_old_sqlite(const std::string& path);
Result<std::unique_ptr<OldFile>> open_old_json(std::string text);

}  // namespace credence::skills
