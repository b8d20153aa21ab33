#include "surface/mcp/subscriptions.h"

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace credence::surface::mcp {
namespace {

RpcError wrong_filter(std::string_view member, std::string_view must) {
    return {RpcCode::invalid_params,
            "params.notifications" + std::string(member) + " must be " + std::string(must),
            {}};
}

std::string meta_of(const Request& request) {
    return R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + request.id() + '}';
}

std::expected<std::vector<std::string>, RpcError> read_subjects(const Members& filter,
                                                                std::string_view name) {
    const Member& member = filter[name];
    const std::string path = '.' + std::string(name);
    if (member.is_absent()) {
        return {};
    }
    if (!member.is_array()) {
        return std::unexpected(wrong_filter(path, "a list of strings"));
    }
    std::vector<std::string> out;
    for (Member& item : items_of(member.value)) {
        if (!item.is_text() || item.value.size() > Subscriptions::kMaxSubjectBytes) {
            return std::unexpected(wrong_filter(path, "a list of strings of at most 2048 bytes"));
        }
        if (out.size() == Subscriptions::kMaxSubjects) {
            return std::unexpected(wrong_filter(path, "a list of at most 1000"));
        }
        out.push_back(std::move(item.value));
    }
    return out;
}

std::expected<NoticeFilter, RpcError> read_filter(const Request& request) {
    const Member& given = request.params()["notifications"];
    if (!given.is_object()) {
        return std::unexpected(wrong_filter("", "an object"));
    }
    const Members filter = Members::of(given);
    NoticeFilter out;
    out.tenant = request.caller().context.tenant;
    out.actor = request.caller().context.actor;
    out.tools = filter["toolsListChanged"].is_true();
    out.prompts = filter["promptsListChanged"].is_true();
    out.resources = filter["resourcesListChanged"].is_true();
    out.uris = TRY(read_subjects(filter, "resourceSubscriptions"));
    out.tasks = TRY(read_subjects(filter, "taskIds"));
    if (!filter["taskIds"].is_absent() && !request.caller().capabilities.tasks) {
        return std::unexpected(RpcError{
            RpcCode::missing_capability, "the client lacks a capability this needs",
            R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})"});
    }
    return out;
}

void append_subjects(std::string_view name, const std::vector<std::string>& subjects,
                     std::string& out) {
    if (subjects.empty()) {
        return;
    }
    out += ",\"";
    out += name;
    out += "\":";
    char before = '[';
    for (const std::string& subject : subjects) {
        out += std::exchange(before, ',');
        append_json_string(subject, out);
    }
    out += ']';
}

std::string acknowledged(const Request& request, const NoticeFilter& filter) {
    std::string agreed;
    agreed += filter.tools ? R"(,"toolsListChanged":true)" : "";
    agreed += filter.prompts ? R"(,"promptsListChanged":true)" : "";
    agreed += filter.resources ? R"(,"resourcesListChanged":true)" : "";
    append_subjects("resourceSubscriptions", filter.uris, agreed);
    append_subjects("taskIds", filter.tasks, agreed);
    std::string out = '{' + meta_of(request) + R"(,"notifications":{)";
    out += agreed.empty() ? "" : agreed.substr(1);
    out += "}}";
    return out;
}

void tell(Request& request, const Notice& notice) {
    std::string params = '{' + meta_of(request);
    switch (notice.kind) {
        case Notice::Kind::tools:
            request.notify("notifications/tools/list_changed", params + '}');
            return;
        case Notice::Kind::prompts:
            request.notify("notifications/prompts/list_changed", params + '}');
            return;
        case Notice::Kind::resources:
            request.notify("notifications/resources/list_changed", params + '}');
            return;
        case Notice::Kind::resource:
            params += R"(,"uri":)";
            append_json_string(notice.subject, params);
            request.notify("notifications/resources/updated", params + '}');
            return;
        case Notice::Kind::task:
            if (notice.params_json.size() > 2) {
                params += ',' + notice.params_json.substr(1);
                request.notify("notifications/tasks", params);
            }
            return;
    }
}

// Holds notices back until the acknowledgement is out. No lock is held while anything is sent.
class Stream {
public:
    explicit Stream(RequestPtr request) : request_(std::move(request)) {}

    void take(const Notice& notice) {
        {
            const std::scoped_lock lock(mutex_);
            if (!open_) {
                waiting_.push_back(notice);
                return;
            }
        }
        tell(*request_, notice);
    }

    void open(const std::string& acknowledgement) {
        request_->notify("notifications/subscriptions/acknowledged", acknowledgement);
        while (true) {
            std::vector<Notice> waiting;
            {
                const std::scoped_lock lock(mutex_);
                if (waiting_.empty()) {
                    open_ = true;
                    return;
                }
                waiting.swap(waiting_);
            }
            for (const Notice& notice : waiting) {
                tell(*request_, notice);
            }
        }
    }

private:
    const RequestPtr request_;
    std::mutex mutex_;
    bool open_ = false;
    std::vector<Notice> waiting_;
};

}  // namespace

void Subscriptions::open(const RequestPtr& request) {
    auto filter = read_filter(*request);
    if (!filter) {
        request->fail(std::move(filter.error()));
        return;
    }
    std::erase_if(filter->uris, [&](const std::string& uri) {
        return !parts_.has_resource(request->caller(), uri);
    });
    if (!parts_.tasks) {
        filter->tasks.clear();
    }
    const std::string acknowledgement = acknowledged(*request, *filter);
    auto stream = std::make_shared<Stream>(request);
    const std::int64_t token = parts_.notices.add(
        *std::move(filter), [stream](const Notice& notice) { stream->take(notice); });
    if (token == 0) {
        request->fail({RpcCode::internal_error, "too many subscriptions", {}});
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        open_.emplace(token, request);
    }
    stream->open(acknowledgement);
    request->on_cancelled([this, token] { close(token); });
}

void Subscriptions::close(std::int64_t token) {
    parts_.notices.remove(token);
    RequestPtr request;  // let go of outside the lock
    const std::scoped_lock lock(mutex_);
    if (const auto found = open_.find(token); found != open_.end()) {
        request = std::move(found->second);
        open_.erase(found);
    }
}

void Subscriptions::end_all() {
    std::map<std::int64_t, RequestPtr> ended;
    {
        const std::scoped_lock lock(mutex_);
        ended.swap(open_);
    }
    for (const auto& [token, request] : ended) {
        parts_.notices.remove(token);
        request->finish('{' + meta_of(*request) + '}');
    }
}

}  // namespace credence::surface::mcp
