// Canary tokens: words nobody says by chance, put into a system prompt or a document. One that
// shows up in an output proves that the text around it leaked.
//
// A token is shown once, when it is made. The store holds a keyed digest of it and, sealed, keyed
// hashes of its parts (canary_index.h): neither tells the token. Its parts of kGramBytes characters
// and more are found in outputs as they are, in other cases, with signs between, reversed, in
// base64 and in hex, and inside everything that the views undo (text/views.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "capabilities/guard/context/canary_rows.h"
#include "capabilities/guard/context/canary_types.h"
#include "capabilities/guard/text/views.h"
#include "capabilities/guard/vault/vault_key.h"
#include "engine/store/database.h"

namespace credence::guard {

struct CanaryParts {
    store::Database& database;
    const Clock& clock;
    IdMaker& ids;
    Random& random;
};

// Thread-safe after start().
class Canary {
public:
    static constexpr std::size_t kMaxLoaded = 20'000;  // of all tenants; the rest is logged

    explicit Canary(const CanaryParts& parts);

    // Code::exhausted at kMaxCanaries.
    Result<NewCanary> create(const Context& context, const CreateCanary& request);
    Result<CanaryReport> check(const Context& context, const CheckCanaries& request) const;
    Result<CanaryList> list(const Context& context, const ListCanaries& request) const;
    // Code::not_found when there is none of that id in force.
    Result<CanaryInfo> revoke(const Context& context, const RevokeCanary& request);

    // For every output that is scanned (`views` of `text`): nothing but one load when the caller's
    // name space has no canary. Touches no store; sees canaries of other processes a refresh later.
    bool watches(const Context& context) const;
    std::vector<CanaryLeak> leaks_in(const Context& context, std::string_view text,
                                     const Views& views) const;

    // Reads what the store knows. Before anything else.
    Result<void> start(VaultKey key);
    // For a schedule: what other processes changed.
    Result<void> refresh();
    Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space);

private:
    struct Known {
        std::string canary_id;
        std::string purpose;
        std::array<std::size_t, 4> whole{};  // characters of the whole token, by spelling
    };
    struct Space {
        explicit Space(std::uint64_t base) : index(base) {}
        CanaryIndex index;
        std::vector<Known> known;
    };
    using Place = std::pair<std::string, std::string>;
    using Spaces = std::map<Place, std::shared_ptr<const Space>, std::less<>>;

    std::shared_ptr<const Space> space_of(const Context& context) const;
    std::string new_token(CanaryAlphabet alphabet);
    Result<void> reload();

    CanaryParts parts_;
    std::optional<VaultKey> key_;
    std::uint64_t base_ = 0;
    Snapshot<Spaces> spaces_;
    std::atomic<bool> any_ = false;
    std::mutex reload_mutex_;
    canary_rows::Generation generation_;
};

}  // namespace credence::guard
