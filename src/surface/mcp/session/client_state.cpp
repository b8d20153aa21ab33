#include "surface/mcp/session/client_state.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace credence::surface::mcp {

bool RunningRequests::add(const std::string& id, const std::shared_ptr<Running>& request) {
    const std::scoped_lock lock(mutex_);
    if (requests_.size() >= kMaxRunning) {
        return false;
    }
    requests_[id] = request;
    return true;
}

void RunningRequests::remove(const std::string& id, const Running* request) {
    const std::scoped_lock lock(mutex_);
    const auto found = requests_.find(id);
    if (found == requests_.end()) {
        return;
    }
    // A client that uses an id twice at once has replaced the first request.
    const auto held = found->second.lock();
    if (held == nullptr || held.get() == request) {
        requests_.erase(found);
    }
}

void RunningRequests::give_up(const std::string& id) {
    std::shared_ptr<Running> request;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = requests_.find(id);
        if (found == requests_.end()) {
            return;
        }
        request = found->second.lock();
        requests_.erase(found);
    }
    if (request != nullptr) {
        request->give_up();
    }
}

void RunningRequests::give_up_all() {
    std::unordered_map<std::string, std::weak_ptr<Running>> all;
    {
        const std::scoped_lock lock(mutex_);
        all.swap(requests_);
    }
    for (const auto& [id, held] : all) {
        if (const auto request = held.lock()) {
            request->give_up();
        }
    }
}

bool RunningRequests::any() const {
    const std::scoped_lock lock(mutex_);
    return !requests_.empty();
}

RpcError client_gone() {
    return {RpcCode::internal_error, "the client cannot be asked", {}};
}

std::optional<std::string> Asks::add(std::int64_t deadline_us, Done& done) {
    const std::scoped_lock lock(mutex_);
    if (asks_.size() >= kMaxAsks) {
        return std::nullopt;
    }
    const std::int64_t id = next_++;
    asks_[id] = Ask{deadline_us, std::move(done)};
    return std::to_string(id);
}

bool Asks::settle(std::string_view id, Outcome outcome) {
    const auto number = parse_integer(id);
    if (!number) {
        return false;
    }
    Done done;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = asks_.find(*number);
        if (found == asks_.end()) {
            return false;
        }
        done = std::move(found->second.done);
        asks_.erase(found);
    }
    done(std::move(outcome));
    return true;
}

void Asks::expire(std::int64_t now_us) {
    std::vector<Done> late;
    {
        const std::scoped_lock lock(mutex_);
        std::erase_if(asks_, [&](auto& entry) {
            if (entry.second.deadline_us > now_us) {
                return false;
            }
            late.push_back(std::move(entry.second.done));
            return true;
        });
    }
    for (const Done& done : late) {
        done(std::unexpected(
            RpcError{RpcCode::internal_error, "the client did not answer in time", {}}));
    }
}

void Asks::fail_all() {
    std::map<std::int64_t, Ask> all;
    {
        const std::scoped_lock lock(mutex_);
        all.swap(asks_);
    }
    for (const auto& [id, ask] : all) {
        ask.done(std::unexpected(client_gone()));
    }
}

bool Asks::any() const {
    const std::scoped_lock lock(mutex_);
    return !asks_.empty();
}

ClientState::ClientState(Introduction introduction, std::string tenant)
    : introduction_(std::move(introduction)), tenant_(std::move(tenant)) {}

ClientState::~ClientState() {
    stop_listening();
}

Caller ClientState::caller(Context context, const RpcMessage& message) const {
    Caller caller = sessionless_caller(std::move(context), introduction_.revision, message);
    caller.capabilities = introduction_.capabilities;
    caller.client_name = introduction_.client_name;
    caller.log_level = log_level_.load(std::memory_order_relaxed);
    return caller;
}

std::optional<Outcome> ClientState::answer(const Mcp& mcp, const Caller& caller,
                                           const RpcMessage& message) {
    if (message.method == "logging/setLevel") {
        return set_level(message);
    }
    if (message.method == "resources/subscribe") {
        return subscribe(mcp, caller, message);
    }
    if (message.method == "resources/unsubscribe") {
        return unsubscribe(message);
    }
    return std::nullopt;
}

void ClientState::take_notification(const RpcMessage& message) {
    if (message.method != "notifications/cancelled") {
        return;
    }
    const Member& id = message.params["requestId"];
    if (id.is_text() || id.type == Member::Type::integer) {
        running_.give_up(id.json());
    }
}

Outcome ClientState::set_level(const RpcMessage& message) {
    const Member& given = message.params["level"];
    const auto level = given.is_text() ? parse_log_level(given.value) : std::nullopt;
    if (!level) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params,
                     "params.level must be debug, info, notice, warning, error, critical, alert or "
                     "emergency",
                     {}});
    }
    log_level_.store(*level, std::memory_order_relaxed);
    return "{}";
}

Outcome ClientState::subscribe(const Mcp& mcp, const Caller& caller, const RpcMessage& message) {
    const Member& uri = message.params["uri"];
    if (!uri.is_text() || uri.value.size() > kMaxUriBytes) {
        return std::unexpected(RpcError{
            RpcCode::invalid_params, "params.uri must be a string of at most 2048 bytes", {}});
    }
    if (!mcp.has_resource(caller, uri.value)) {
        std::string data = R"({"uri":)";
        append_json_string(uri.value, data);
        data += '}';
        return std::unexpected(RpcError{RpcCode::resource_not_found,
                                        "there is no such resource to subscribe to",
                                        std::move(data)});
    }
    const std::scoped_lock lock(mutex_);
    if (std::ranges::find(uris_, uri.value) != uris_.end()) {
        return "{}";
    }
    if (uris_.size() >= kMaxSubscriptions) {
        return std::unexpected(RpcError{
            RpcCode::invalid_request, "a session subscribes to at most 256 resources", {}});
    }
    uris_.push_back(uri.value);
    if (notices_ != nullptr) {
        notices_->replace(token_, filter());
    }
    return "{}";
}

Outcome ClientState::unsubscribe(const RpcMessage& message) {
    const Member& uri = message.params["uri"];
    if (!uri.is_text()) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params, "params.uri must be a string", {}});
    }
    const std::scoped_lock lock(mutex_);
    if (std::erase(uris_, uri.value) > 0 && notices_ != nullptr) {
        notices_->replace(token_, filter());
    }
    return "{}";
}

NoticeFilter ClientState::filter() const {
    NoticeFilter filter;
    filter.tenant = tenant_;
    filter.tools = true;
    filter.prompts = true;
    filter.resources = true;
    filter.uris = uris_;
    return filter;
}

void ClientState::listen(Notices& notices, Notices::Told told) {
    const std::scoped_lock lock(mutex_);
    if (notices_ != nullptr) {
        return;
    }
    token_ = notices.add(filter(), std::move(told));
    notices_ = token_ == 0 ? nullptr : &notices;
}

void ClientState::stop_listening() {
    const std::scoped_lock lock(mutex_);
    if (notices_ != nullptr) {
        notices_->remove(token_);
        notices_ = nullptr;
    }
}

Caller sessionless_caller(Context context, Revision revision, const RpcMessage& message) {
    RequestMeta meta = read_meta(message);
    Caller caller;
    caller.context = std::move(context);
    caller.revision = revision;
    caller.log_level = LogLevel::info;
    caller.progress_token = std::move(meta.progress_token);
    if (meta.trace.valid()) {
        caller.context.trace = meta.trace;
    }
    return caller;
}

std::string legacy_notification(const Notice& notice) {
    switch (notice.kind) {
        case Notice::Kind::tools:
            return rpc_notification("notifications/tools/list_changed", {});
        case Notice::Kind::prompts:
            return rpc_notification("notifications/prompts/list_changed", {});
        case Notice::Kind::resources:
            return rpc_notification("notifications/resources/list_changed", {});
        case Notice::Kind::resource: {
            std::string params = R"({"uri":)";
            append_json_string(notice.subject, params);
            params += '}';
            return rpc_notification("notifications/resources/updated", params);
        }
        case Notice::Kind::task:
            return {};
    }
    return {};
}

}  // namespace credence::surface::mcp
