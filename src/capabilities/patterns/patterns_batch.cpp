// batch_create: all or nothing, and every fault told at once.
#include <algorithm>
#include <set>
#include <tuple>

#include "base/json.h"
#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {
namespace {

constexpr std::size_t kMaxToldFaults = 20;

// Everything wrong with a batch. The code is the first fault's.
class Faults {
public:
    void add(std::size_t item, const Error& error) {
        if (error.code == Code::internal || error.code == Code::unavailable) {
            fatal_ = error;
        }
        std::string path = "items[" + std::to_string(item) + "]";
        path += error.field.empty() ? "" : "." + error.field;
        if (count_ == 0) {
            first_ = Error{error.code, {}, path};
        }
        if (++count_ <= kMaxToldFaults) {
            text_ += (text_.empty() ? "" : "; ") + path + ": " + error.message;
        }
    }
    bool empty() const { return count_ == 0; }
    const std::optional<Error>& fatal() const { return fatal_; }
    Error told() const {
        Error error = first_;
        error.message = std::to_string(count_) + " faulty items, nothing was created: " + text_;
        if (count_ > kMaxToldFaults) {
            error.message += "; and " + std::to_string(count_ - kMaxToldFaults) + " more";
        }
        return error;
    }

private:
    Error first_;
    std::optional<Error> fatal_;
    std::string text_;
    std::size_t count_ = 0;
};

using NameKey = std::tuple<std::string, std::string>;  // owner, name

Result<PatternRow> draft_item(const Work& work, const RawJson& item,
                              const std::optional<std::string>& agent_id,
                              std::set<NameKey>& names) {
    auto request = TRY(from_json<CreatePattern>(item.text));
    if (!request.agent_id) {
        request.agent_id = agent_id;
    }
    PatternRow row = TRY(work.draft(request));
    if (!names.emplace(row.owner, row.pattern_name).second) {
        return fail(Code::conflict, "an item before has this name", "pattern_name");
    }
    if (TRY(pattern_rows::name_taken(work.tx(), work.tenant(), row))) {
        return fail(Code::conflict, "the agent has a pattern of this name", "pattern_name");
    }
    return row;
}

}  // namespace

Result<CreatedPatterns> Patterns::batch_create(const Context& context, const BatchCreate& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<CreatedPatterns> {
        const Work work(parts_, tx, context);
        Faults faults;
        std::set<NameKey> names;
        std::vector<PatternRow> drafts;
        for (std::size_t i = 0; i < request.items.size(); ++i) {
            auto row = draft_item(work, request.items[i], request.agent_id, names);
            if (row) {
                drafts.push_back(*std::move(row));
            } else {
                faults.add(i, row.error());
            }
        }
        if (faults.fatal()) {
            return std::unexpected(*faults.fatal());
        }
        if (!faults.empty()) {
            return std::unexpected(faults.told());
        }
        CreatedPatterns created;
        for (const PatternRow& row : drafts) {
            TRY(work.insert(row));
            created.pattern_ids.push_back(row.id);
        }
        return created;
    });
}

}  // namespace credence::patterns
