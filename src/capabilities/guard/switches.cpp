#include "capabilities/guard/switches.h"

#include <array>

namespace credence::guard {

namespace {

constexpr std::string_view kFeature = "feature.";
constexpr std::string_view kPack = "pack.";

// The one table that ties a name to both structs.
struct Named {
    std::string_view name;
    bool Features::* feature;
    std::optional<bool> SetFeatures::* asked;
};
constexpr std::array<Named, 5> kFeatures{
    {{"neuro_symbolic", &Features::neuro_symbolic, &SetFeatures::neuro_symbolic},
     {"memory", &Features::memory, &SetFeatures::memory},
     {"multimodal", &Features::multimodal, &SetFeatures::multimodal},
     {"cache", &Features::cache, &SetFeatures::cache},
     {"workers", &Features::workers, &SetFeatures::workers}}};

}  // namespace

Result<void> check_operator(const Context& context) {
    if (context.tenant != "default" || !context.scopes.allow("guard:admin")) {
        return fail(Code::forbidden, "only an operator switches parts of the guard");
    }
    return {};
}

Switches::Switches(store::Database* database, RulePacks* packs, const Clock& clock,
                   const Features& first)
    : database_(database),
      packs_(packs),
      clock_(clock),
      first_(first),
      current_(std::make_shared<const Features>(first)) {}

Result<void> Switches::keep(const Context& context, const std::vector<SwitchRow>& rows) {
    if (database_ == nullptr) {
        return fail(Code::unavailable, "switches need a store");
    }
    return database_->write([&](store::Tx& tx) -> Result<void> {
        for (const SwitchRow& row : rows) {
            TRY(switch_rows::put(tx, row, clock_.now_us(), context.actor));
        }
        return {};
    });
}

Result<Features> Switches::set(const Context& context, const SetFeatures& request) {
    TRY(check_operator(context));
    std::vector<SwitchRow> rows;
    for (const Named& each : kFeatures) {
        if (const auto asked = request.*each.asked) {
            rows.push_back({std::string(kFeature) + std::string(each.name), *asked});
        }
    }
    TRY(keep(context, rows));
    TRY(refresh());
    return features();
}

Result<void> Switches::set_pack(const Context& context, const SetPack& request) {
    TRY(check_operator(context));
    if (packs_ == nullptr) {
        return fail(Code::unavailable, "there are no packs to switch");
    }
    TRY(packs_->set_enabled(request.name, request.enabled));
    return keep(context, {{std::string(kPack) + request.name, request.enabled}});
}

Result<void> Switches::refresh() {
    if (database_ == nullptr) {
        return {};
    }
    const auto rows = TRY(database_->read([](store::Tx& tx) { return switch_rows::all(tx); }));
    auto features = std::make_shared<Features>(first_);
    for (const SwitchRow& row : rows) {
        const std::string_view name = row.name;
        if (packs_ != nullptr && name.starts_with(kPack)) {
            // A pack that is gone meanwhile is no fault of the switch.
            const std::string pack(name.substr(kPack.size()));
            for (const PackInfo& known : packs_->packs()) {
                if (known.name == pack && known.enabled != row.enabled) {
                    TRY(packs_->set_enabled(pack, row.enabled));
                }
            }
            continue;
        }
        for (const Named& each : kFeatures) {
            if (name.starts_with(kFeature) && name.substr(kFeature.size()) == each.name) {
                (*features).*each.feature = row.enabled;
            }
        }
    }
    current_.set(std::move(features));
    return {};
}

void describe(Describe<SetFeatures>& d) {
    d.doc("What is left out stays as it is");
    d.field<&SetFeatures::neuro_symbolic>("The learned model");
    d.field<&SetFeatures::memory>("The threat memory");
    d.field<&SetFeatures::multimodal>("Attached files");
    d.field<&SetFeatures::cache>("Results of texts seen before");
    d.field<&SetFeatures::workers>("Batches on several threads");
}

void describe(Describe<SetPack>& d) {
    d.field<&SetPack::name>("Rule pack").length(1, 128);
    d.field<&SetPack::enabled>("On or off");
}

void describe(Describe<SwitchRow>& d) {
    d.field<&SwitchRow::name>("feature.NAME or pack.NAME");
    d.field<&SwitchRow::enabled>("On or off");
}

}  // namespace credence::guard
