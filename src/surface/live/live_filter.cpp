#include "surface/live/live_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace credence::surface {
namespace {

using OrderedJson = nlohmann::ordered_json;

// The subject of a row, when it has one.
const std::string* subject_of(const OrderedJson& row, const std::string& field) {
    if (!row.is_object()) {
        return nullptr;
    }
    const auto found = row.find(field);
    return found == row.end() ? nullptr : found->get_ptr<const std::string*>();
}

bool holds_rows(const OrderedJson& list, const std::string& field) {
    return list.is_array() && !list.empty() &&
           std::ranges::all_of(
               list, [&](const OrderedJson& row) { return subject_of(row, field) != nullptr; });
}

}  // namespace

bool matches_topic(const std::vector<std::string>& topics, std::string_view event_name) {
    return topics.empty() || std::ranges::any_of(topics, [&](std::string_view topic) {
               return topic.ends_with('*')
                          ? event_name.starts_with(topic.substr(0, topic.size() - 1))
                          : event_name == topic;
           });
}

std::string LiveFilter::key() const {
    if (nothing) {
        return "-";
    }
    std::string out;
    for (const std::string& topic : topics) {
        out.append(std::to_string(topic.size())).append(":").append(topic);
    }
    out += '|';
    for (const std::string& subject : subjects) {
        out.append(std::to_string(subject.size())).append(":").append(subject);
    }
    return out;
}

bool LiveFilter::wants_subject(std::string_view subject) const {
    return subjects.empty() || std::ranges::binary_search(subjects, subject, std::less<>());
}

SplitData::SplitData(std::string json, std::string_view subject) : whole_(std::move(json)) {
    if (subject.empty()) {
        return;
    }
    const std::string field = std::string(subject) + "_name";
    const OrderedJson data = OrderedJson::parse(whole_, nullptr, false);
    if (!data.is_object()) {
        return;
    }
    if (const std::string* about = subject_of(data, field)) {
        about_ = *about;
        return;
    }
    for (const auto& [name, value] : data.items()) {
        Member member;
        append_json_string(name, member.json);
        member.json += ':';
        if (holds_rows(value, field)) {
            has_rows_ = true;
            for (const OrderedJson& row : value) {
                member.rows.push_back({*subject_of(row, field), row.dump()});
            }
        } else {
            member.json += value.dump();
        }
        members_.push_back(std::move(member));
    }
}

std::optional<std::string> SplitData::narrowed(const LiveFilter& filter, bool keep_empty) const {
    if (filter.subjects.empty()) {
        return whole_;
    }
    if (about_) {
        return filter.wants_subject(*about_) ? std::optional(whole_) : std::nullopt;
    }
    if (!has_rows_) {
        return whole_;
    }
    std::string out = "{";
    std::size_t kept = 0;
    for (const Member& member : members_) {
        out += out.size() > 1 ? "," : "";
        out += member.json;
        if (member.rows.empty()) {
            continue;
        }
        std::string_view separator = "[";
        for (const Row& row : member.rows) {
            if (filter.wants_subject(row.subject)) {
                out.append(separator).append(row.json);
                separator = ",";
                ++kept;
            }
        }
        out += separator == "[" ? "[]" : "]";
    }
    out += '}';
    if (kept == 0 && !keep_empty) {
        return std::nullopt;
    }
    return out;
}

LiveEvent::LiveEvent(const LiveFeed& feed, store::StoredEvent event)
    : event_(std::move(event)),
      subject_(feed.subject),
      is_update_(!feed.update_event.empty() && event_.name == feed.update_event) {}

std::string LiveEvent::encode(std::string_view data) const {
    std::string out;
    out.reserve(data.size() + event_.name.size() + 96);
    out = is_update_ ? R"({"type":"metrics_update")" : R"({"type":"event","name":)";
    if (!is_update_) {
        append_json_string(event_.name, out);
    }
    out.append(",\"seq\":").append(std::to_string(event_.seq));
    out.append(",\"timestamp_us\":").append(std::to_string(event_.at_us));
    out.append(",\"data\":").append(data.empty() ? "null" : data).append("}");
    return out;
}

std::shared_ptr<const std::string> LiveEvent::text_for(const LiveFilter& filter) const {
    if (filter.nothing || !matches_topic(filter.topics, event_.name)) {
        return nullptr;
    }
    if (filter.subjects.empty()) {
        if (full_ == nullptr) {
            full_ = std::make_shared<const std::string>(encode(event_.body.text));
        }
        return full_;
    }
    if (split_ == nullptr) {
        split_ = std::make_unique<const SplitData>(event_.body.text, subject_);
    }
    const auto data = split_->narrowed(filter, false);
    return data ? std::make_shared<const std::string>(encode(*data)) : nullptr;
}

}  // namespace credence::surface
