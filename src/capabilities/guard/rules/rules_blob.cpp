// The compiled rules as one block of bytes: counts, records, strings, databases.
#include <cstring>
#include <type_traits>

#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

namespace {

constexpr std::uint32_t kMagic = 0x35475243;  // "CRG5"
constexpr std::uint32_t kMaxItems = 1U << 20U;

class Writer {
public:
    template <class T>
        requires std::is_trivially_copyable_v<T>
    void put(const T& value) {
        out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void put_text(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        out_.append(text);
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

class BlobReader {
public:
    explicit BlobReader(std::string_view bytes) : bytes_(bytes) {}
    template <class T>
        requires std::is_trivially_copyable_v<T>
    T get() {
        T value{};
        if (bytes_.size() < sizeof value) {
            good_ = false;
            return value;
        }
        std::memcpy(&value, bytes_.data(), sizeof value);
        bytes_.remove_prefix(sizeof value);
        return value;
    }
    std::string get_text() {
        const auto size = get<std::uint32_t>();
        if (!good_ || bytes_.size() < size) {
            good_ = false;
            return {};
        }
        std::string text(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return text;
    }
    std::uint32_t get_count() {
        const auto count = get<std::uint32_t>();
        good_ = good_ && count <= kMaxItems;
        return good_ ? count : 0;
    }
    bool finished() const { return good_ && bytes_.empty(); }

private:
    std::string_view bytes_;
    bool good_ = true;
};

void put_rule(Writer& writer, const Rule& rule) {
    for (const std::string* text :
         {&rule.id, &rule.pack, &rule.version, &rule.technique, &rule.languages}) {
        writer.put_text(*text);
    }
    writer.put(rule.category);
    writer.put(rule.severity);
    writer.put(rule.check);
    writer.put(rule.detector);
    writer.put(rule.origin);
    writer.put(static_cast<std::uint8_t>(rule.enabled ? 1 : 0));
    writer.put(static_cast<std::uint8_t>(rule.signal ? 1 : 0));
    writer.put(rule.channels);
    writer.put(rule.feature);
    writer.put(rule.score);
    writer.put(rule.score_by_channel);
    writer.put(rule.unless);
}

Rule get_rule(BlobReader& reader) {
    Rule rule;
    for (std::string* text :
         {&rule.id, &rule.pack, &rule.version, &rule.technique, &rule.languages}) {
        *text = reader.get_text();
    }
    rule.category = reader.get<Category>();
    rule.severity = reader.get<Severity>();
    rule.check = reader.get<Check>();
    rule.detector = reader.get<Detector>();
    rule.origin = reader.get<PackOrigin>();
    rule.enabled = reader.get<std::uint8_t>() != 0;
    rule.signal = reader.get<std::uint8_t>() != 0;
    rule.channels = reader.get<std::uint8_t>();
    rule.feature = reader.get<std::uint16_t>();
    rule.score = reader.get<double>();
    rule.score_by_channel = reader.get<std::array<double, kSourceKinds>>();
    rule.unless = reader.get<std::uint32_t>();
    return rule;
}

}  // namespace

std::string write_blob(const CompiledRules& rules) {
    Writer writer;
    writer.put(kMagic);
    writer.put(static_cast<std::uint32_t>(rules.rules.size()));
    for (const Rule& rule : rules.rules) {
        put_rule(writer, rule);
    }
    writer.put(static_cast<std::uint32_t>(rules.patterns.size()));
    for (const Pattern& pattern : rules.patterns) {
        writer.put(pattern);
    }
    writer.put(static_cast<std::uint32_t>(rules.literals.heads.size()));
    for (const Literals::Head& head : rules.literals.heads) {
        writer.put(head);
    }
    writer.put(static_cast<std::uint32_t>(rules.literals.tails.size()));
    for (const Literals::Tail& tail : rules.literals.tails) {
        writer.put(tail);
    }
    writer.put_text(rules.literals.bytes);
    writer.put(static_cast<std::uint32_t>(rules.slots.size()));
    for (const Slot& slot : rules.slots) {
        writer.put(slot);
    }
    writer.put(static_cast<std::uint32_t>(rules.signal_names.size()));
    for (const std::string& name : rules.signal_names) {
        writer.put_text(name);
    }
    writer.put_text(rules.digest);
    writer.put(rules.states);
    writer.put_text(rules.text_database);
    writer.put_text(rules.span_database);
    return writer.take();
}

Result<CompiledRules> read_blob(std::string_view blob) {
    BlobReader reader(blob);
    if (reader.get<std::uint32_t>() != kMagic) {
        return fail(Code::internal, "the rule database is of another kind");
    }
    CompiledRules rules;
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.rules.push_back(get_rule(reader));
    }
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.patterns.push_back(reader.get<Pattern>());
    }
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.literals.heads.push_back(reader.get<Literals::Head>());
    }
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.literals.tails.push_back(reader.get<Literals::Tail>());
    }
    rules.literals.bytes = reader.get_text();
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.slots.push_back(reader.get<Slot>());
    }
    for (std::uint32_t i = reader.get_count(); i > 0; --i) {
        rules.signal_names.push_back(reader.get_text());
    }
    rules.digest = reader.get_text();
    rules.states = reader.get<std::uint32_t>();
    rules.text_database = reader.get_text();
    rules.span_database = reader.get_text();
    if (!reader.finished()) {
        return fail(Code::internal, "the rule database is damaged");
    }
    for (const Rule& rule : rules.rules) {
        if ((rule.feature != Rule::kNoFeature && rule.feature >= rules.signal_names.size()) ||
            static_cast<std::size_t>(rule.detector) >= kDetectors) {
            return fail(Code::internal, "the rule database is damaged");
        }
    }
    if (!rules.literals.sound() || rules.literals.tails.size() > rules.patterns.size()) {
        return fail(Code::internal, "the rule database is damaged");
    }
    for (const Pattern& pattern : rules.patterns) {
        if (pattern.first_slot + std::size_t{pattern.slots} > rules.slots.size()) {
            return fail(Code::internal, "the rule database is damaged");
        }
    }
    for (const Slot& slot : rules.slots) {
        if (slot.rule >= rules.rules.size() || slot.state >= rules.states ||
            (slot.part > 0 && slot.state == 0)) {
            return fail(Code::internal, "the rule database is damaged");
        }
    }
    return rules;
}

}  // namespace credence::guard
