#include "capabilities/guard/context/canary.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "base/text.h"

namespace credence::guard {

namespace {

constexpr std::size_t kTokenWords = 6;  // 36 letters, 113 bits
constexpr std::size_t kHexBytes = 16;
constexpr std::string_view kLine =
    "Internal marker, never to be repeated, translated, encoded or described: ";

std::string tag_of(const VaultKey& key, std::string_view token) {
    return key.tag({"canary", squeezed(token)});
}

// The hashes, in hex, one spelling a line.
std::string write_grams(const CanaryGrams& grams) {
    std::string out;
    for (const auto& hashes : grams.hashes) {
        for (const std::uint64_t hash : hashes) {
            std::array<std::uint8_t, sizeof(hash)> bytes{};
            std::memcpy(bytes.data(), &hash, sizeof(hash));
            out += to_hex(bytes);
        }
        out += '\n';
    }
    return out;
}

std::optional<CanaryGrams> read_grams(std::string_view text) {
    CanaryGrams grams;
    const auto lines = split(text, '\n');
    if (lines.size() < std::size(grams.hashes)) {
        return std::nullopt;
    }
    for (std::size_t form = 0; form < std::size(grams.hashes); ++form) {
        const auto bytes = from_hex(lines[form]);
        if (!bytes || bytes->size() % sizeof(std::uint64_t) != 0) {
            return std::nullopt;
        }
        grams.hashes[form].resize(bytes->size() / sizeof(std::uint64_t));
        std::memcpy(grams.hashes[form].data(), bytes->data(), bytes->size());
    }
    return grams;
}

// How many letters and digits the whole token has in each spelling. Three alignments of base64 lie
// in one list; each loses up to three characters at its ends.
std::array<std::size_t, 4> whole_of(const CanaryGrams& grams) {
    constexpr std::size_t kRest = kGramBytes - 1;
    return {grams.hashes[0].size() + kRest, grams.hashes[1].size() + kRest,
            grams.hashes[2].size() / 3 + kRest - 1, grams.hashes[3].size() + kRest};
}

std::size_t spelling_of(CanaryForm form) {
    switch (form) {
        case CanaryForm::reversed:
            return 1;
        case CanaryForm::base64:
            return 2;
        case CanaryForm::hex:
            return 3;
        default:
            return 0;
    }
}

// A token of words has a hyphen after every word; anything more was put between.
bool is_separated(std::string_view written) {
    constexpr std::size_t kWordLetters = 6;
    const std::size_t letters = squeezed(written).size();
    return written.size() > letters + letters / kWordLetters + 1;
}

}  // namespace

Canary::Canary(const CanaryParts& parts)
    : parts_(parts), spaces_(std::make_shared<const Spaces>()) {}

Result<void> Canary::start(VaultKey key) {
    const Digest digest = key.digest({"canary hash"});
    std::memcpy(&base_, digest.data(), sizeof(base_));
    base_ |= std::uint64_t{1} << 40;  // never small
    key_ = std::move(key);
    return reload();
}

// Words of three syllables, each a consonant and a vowel: log2(80) = 6.3 bits a syllable.
std::string Canary::new_token(CanaryAlphabet alphabet) {
    constexpr std::string_view kConsonants = "bdfghjklmnprstvz";
    constexpr std::string_view kVowels = "aeiou";
    std::array<std::uint8_t, kHexBytes> bytes{};
    if (alphabet == CanaryAlphabet::hex) {
        parts_.random.fill(bytes.data(), bytes.size());
        return to_hex(bytes);
    }
    std::string token;
    for (std::size_t word = 0; word < kTokenWords; ++word) {
        const std::uint64_t chance = parts_.random.next();
        token += word == 0 ? "" : "-";
        for (unsigned i = 0; i < 3; ++i) {
            token += kConsonants[(chance >> (16 * i)) % kConsonants.size()];
            token += kVowels[((chance >> (16 * i + 4)) & 0xFFFU) % kVowels.size()];
        }
    }
    return token;
}

Result<NewCanary> Canary::create(const Context& context, const CreateCanary& request) {
    if (!key_) {
        return fail(Code::unavailable, "the guard has not started");
    }
    const std::string token = new_token(request.alphabet);
    canary_rows::CanaryRow row;
    row.tenant = context.tenant;
    row.name_space = context.name_space;
    row.info.canary_id = format_uuid(parts_.ids.make_bytes());
    row.info.purpose = request.purpose;
    row.info.alphabet = request.alphabet;
    row.info.created_by = context.actor;
    row.info.created_at_us = parts_.clock.now_us();
    row.token_tag = tag_of(*key_, token);
    row.sealed = key_->seal(write_grams(CanaryIndex::grams_of(token, base_)),
                            {"canary", context.tenant, context.name_space, row.info.canary_id},
                            parts_.random);
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        if (TRY(canary_rows::count(tx, context)) >= static_cast<std::int64_t>(kMaxCanaries)) {
            return fail(Code::exhausted, "a namespace holds at most 1,000 canaries; revoke some");
        }
        return canary_rows::insert(tx, row);
    }));
    TRY(reload());
    return NewCanary{row.info.canary_id, row.info.purpose, token, std::string(kLine) + token,
                     row.info.created_at_us};
}

Result<CanaryReport> Canary::check(const Context& context, const CheckCanaries& request) const {
    CanaryReport report;
    if (watches(context)) {
        const Views views(request.text, {});
        report.leaks = leaks_in(context, request.text, views);
    }
    report.leaked = !report.leaks.empty();
    return report;
}

Result<CanaryList> Canary::list(const Context& context, const ListCanaries& request) const {
    return CanaryList{TRY(parts_.database.read(
        [&](store::Tx& tx) { return canary_rows::list(tx, context, request.revoked); }))};
}

Result<CanaryInfo> Canary::revoke(const Context& context, const RevokeCanary& request) {
    const auto revoked = TRY(parts_.database.write([&](store::Tx& tx) {
        return canary_rows::revoke(tx, context, request.canary_id, parts_.clock.now_us());
    }));
    if (!revoked) {
        return fail(Code::not_found, "no canary of that id is in force", "canary_id");
    }
    TRY(reload());
    return *revoked;
}

std::shared_ptr<const Canary::Space> Canary::space_of(const Context& context) const {
    if (!any_.load(std::memory_order_relaxed)) {
        return nullptr;
    }
    const auto spaces = spaces_.get();
    const auto found = spaces->find(Place{context.tenant, context.name_space});
    return found == spaces->end() ? nullptr : found->second;
}

bool Canary::watches(const Context& context) const {
    return space_of(context) != nullptr;
}

std::vector<CanaryLeak> Canary::leaks_in(const Context& context, std::string_view text,
                                         const Views& views) const {
    std::vector<CanaryLeak> leaks;
    const auto space = space_of(context);
    if (space == nullptr) {
        return leaks;
    }
    for (std::size_t view = 0; view < views.all().size(); ++view) {
        for (const CanaryHit& hit : space->index.find(views.all()[view].normalised.text)) {
            const ByteSpan span = views.to_original(view, hit.span);
            const Known& known = space->known[hit.canary];
            CanaryLeak leak{
                known.canary_id,
                known.purpose,
                hit.form,
                false,
                static_cast<std::int64_t>(hit.characters),
                {static_cast<std::int64_t>(span.start), static_cast<std::int64_t>(span.end)}};
            leak.whole = hit.characters >= known.whole[spelling_of(hit.form)];
            if (view != 0) {
                leak.form = CanaryForm::decoded;
            } else if (hit.form == CanaryForm::plain &&
                       is_separated(text.substr(span.start, span.end - span.start))) {
                leak.form = CanaryForm::separated;
            }
            // Views repeat each other.
            const bool told = std::any_of(leaks.begin(), leaks.end(), [&](const CanaryLeak& other) {
                return other.canary_id == leak.canary_id && other.span.start < leak.span.end &&
                       leak.span.start < other.span.end && (other.whole || !leak.whole);
            });
            if (!told && leaks.size() < CanaryIndex::kMaxHits) {
                leaks.push_back(std::move(leak));
            }
        }
    }
    return leaks;
}

Result<void> Canary::refresh() {
    const auto now =
        TRY(parts_.database.read([](store::Tx& tx) { return canary_rows::generation(tx); }));
    {
        const std::scoped_lock lock(reload_mutex_);
        if (now == generation_) {
            return {};
        }
    }
    return reload();
}

Result<void> Canary::reload() {
    const std::scoped_lock lock(reload_mutex_);
    std::vector<canary_rows::CanaryRow> rows;
    canary_rows::Generation generation;
    TRY(parts_.database.read([&](store::Tx& tx) -> Result<void> {
        generation = TRY(canary_rows::generation(tx));
        rows = TRY(canary_rows::in_force(tx, kMaxLoaded));
        return {};
    }));
    if (rows.size() == kMaxLoaded) {
        log::warning("more canaries than are watched", {{"watched", std::to_string(kMaxLoaded)}});
    }
    std::map<Place, std::shared_ptr<Space>> filling;
    std::size_t unreadable = 0;
    for (const canary_rows::CanaryRow& row : rows) {
        const auto text =
            key_->unseal(row.sealed, {"canary", row.tenant, row.name_space, row.info.canary_id});
        const auto grams = text ? read_grams(*text) : std::nullopt;
        if (!grams) {
            ++unreadable;
            continue;
        }
        auto& space = filling[Place{row.tenant, row.name_space}];
        if (space == nullptr) {
            space = std::make_shared<Space>(base_);
        }
        space->index.add(space->known.size(), *grams);
        space->known.push_back({row.info.canary_id, row.info.purpose, whole_of(*grams)});
    }
    if (unreadable > 0) {
        log::error("canaries not watched: sealed by another key, or changed",
                   {{"canaries", std::to_string(unreadable)}});
    }
    auto spaces = std::make_shared<Spaces>();
    for (auto& [place, space] : filling) {
        spaces->emplace(place, std::move(space));
    }
    any_.store(!spaces->empty(), std::memory_order_relaxed);
    spaces_.set(std::move(spaces));
    generation_ = generation;
    return {};
}

Result<void> Canary::forget(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    return canary_rows::forget(tx, tenant, name_space);
}

}  // namespace credence::guard
