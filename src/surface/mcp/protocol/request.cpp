#include "surface/mcp/protocol/request.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "surface/mcp/protocol/modern_result.h"
#include "surface/mcp/protocol/request_state.h"

namespace credence::surface::mcp {
namespace {

void append_number(double value, std::string& out) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
    out.append(digits.data(), end);
}

// What a resource says of its age when the feature says nothing (server/utilities/caching).
constexpr std::string_view kUncached = R"("ttlMs":0,"cacheScope":"private")";

// Each revision's own code for the same trouble.
RpcCode code_for(const Caller& caller, RpcCode code) {
    if (caller.modern()) {
        return code == RpcCode::resource_not_found ? RpcCode::invalid_params : code;
    }
    const bool modern_only = code == RpcCode::header_mismatch ||
                             code == RpcCode::missing_capability ||
                             code == RpcCode::unsupported_version;
    return modern_only ? RpcCode::invalid_request : code;
}

Member error_member(const RpcError& error) {
    std::string out =
        R"({"error":{"code":)" + std::to_string(static_cast<std::int32_t>(error.code));
    out += R"(,"message":)";
    append_json_string(error.message, out);
    out += "}}";
    return {Member::Type::object, std::move(out)};
}

// What a client answered to one question.
Member answer_member(Outcome outcome) {
    if (!outcome) {
        return error_member(outcome.error());
    }
    if (!outcome->starts_with('{')) {
        return error_member({RpcCode::invalid_request, "the client's result is no object", {}});
    }
    return {Member::Type::object, *std::move(outcome)};
}

// Capabilities the client lacks, in terms of its own ClientCapabilities.
struct Missing {
    bool form = false;
    bool url = false;
    bool sampling = false;
    bool roots = false;
    bool any() const { return form || url || sampling || roots; }

    // False: no such question exists.
    bool add(const ClientCapabilities& has, const InputRequest& request) {
        if (request.method == "sampling/createMessage") {
            sampling = !has.sampling;
        } else if (request.method == "roots/list") {
            roots = !has.roots;
        } else if (request.method != "elicitation/create") {
            return false;
        } else if (Members::parse(request.params_json).value_or(Members())["mode"].value == "url") {
            url = !has.elicitation_url;
        } else {
            form = !has.elicitation_form;
        }
        return true;
    }

    std::string json() const {
        std::string out;
        if (form || url) {
            out += R"(,"elicitation":{)";
            out += form ? R"("form":{})" : "";
            out += form && url ? "," : "";
            out += url ? R"("url":{}})" : "}";
        }
        out += sampling ? R"(,"sampling":{})" : "";
        out += roots ? R"(,"roots":{})" : "";
        return R"({"requiredCapabilities":{)" + out.substr(1) + "}}";
    }
};

bool may_ask(std::string_view method) {
    return method == "tools/call" || method == "prompts/get" || method == "resources/read";
}

}  // namespace

struct Request::Gathering {
    std::mutex mutex;
    std::map<std::string, Member, std::less<>> inputs;
    std::string state;
    std::size_t missing = 0;
};

Request::Request(Parts parts)
    : caller_(std::move(parts.caller)),
      message_(std::move(parts.message)),
      exchange_(std::move(parts.exchange)),
      seal_(parts.seal),
      now_us_(parts.now_us) {}

void Request::run(Handler handler) {
    if (auto error = take_inputs()) {
        fail(*std::move(error));
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        if (ended_.load()) {
            return;
        }
        handler_ = std::make_shared<const Handler>(std::move(handler));
    }
    run_turn();
}

void Request::run_turn() {
    std::shared_ptr<const Handler> handler;
    {
        const std::scoped_lock lock(mutex_);
        handler = handler_;
    }
    if (ended_.load()) {
        return;
    }
    if (!handler) {
        fail({RpcCode::internal_error, "nothing goes on with the answers", {}});
        return;
    }
    (*handler)(shared_from_this());
}

std::optional<RpcError> Request::take_inputs() {
    if (!caller_.modern()) {
        return std::nullopt;
    }
    if (const Member& sealed = params()["requestState"]; !sealed.is_absent()) {
        auto state = sealed.is_text() && seal_ != nullptr
                         ? seal_->open(caller_, message_, sealed.value, now_us_)
                         : std::nullopt;
        if (!state) {
            return RpcError{
                RpcCode::invalid_params, "requestState is not one of ours for this request", {}};
        }
        state_ = *std::move(state);
    }
    const Member& responses = params()["inputResponses"];
    if (responses.is_absent()) {
        return std::nullopt;
    }
    const auto members = responses.is_object() ? Members::parse(responses.value) : std::nullopt;
    if (!members) {
        return RpcError{RpcCode::invalid_params, "inputResponses must be an object", {}};
    }
    for (const auto& [key, member] : members->all()) {
        if (!member.is_object()) {
            return RpcError{
                RpcCode::invalid_params, "inputResponses." + key + " must be an object", {}};
        }
        inputs_.insert_or_assign(key, member);
    }
    return std::nullopt;
}

const Member* Request::input(std::string_view key) const {
    const auto found = inputs_.find(key);
    return found == inputs_.end() ? nullptr : &found->second;
}

void Request::progress(double done, std::optional<double> total, std::string_view message) {
    if (caller_.progress_token.empty() || !std::isfinite(done)) {
        return;
    }
    const std::scoped_lock lock(progress_mutex_);
    if (progress_ && done <= *progress_) {
        return;
    }
    progress_ = done;
    std::string out = R"({"progressToken":)" + caller_.progress_token + R"(,"progress":)";
    append_number(done, out);
    if (total && std::isfinite(*total)) {
        out += R"(,"total":)";
        append_number(*total, out);
    }
    if (!message.empty()) {
        out += R"(,"message":)";
        append_json_string(message, out);
    }
    out += '}';
    notify("notifications/progress", out);
}

void Request::log(LogLevel level, std::string_view logger, std::string_view data_json) {
    if (!caller_.log_level || level < *caller_.log_level) {
        return;
    }
    std::string out = R"({"level":")";
    out += to_string(level);
    out += '"';
    if (!logger.empty()) {
        out += R"(,"logger":)";
        append_json_string(logger, out);
    }
    out += R"(,"data":)";
    out += data_json;
    out += '}';
    notify("notifications/message", out);
}

void Request::notify(std::string_view method, std::string_view params_json) {
    if (!ended_.load()) {
        exchange_->notify(rpc_notification(method, params_json));
    }
}

void Request::cancel() {
    std::vector<std::function<void()>> told;
    {
        const std::scoped_lock lock(mutex_);
        if (ended_.exchange(true)) {
            return;
        }
        cancelled_.store(true);
        told.swap(told_);
        handler_.reset();
    }
    for (const auto& function : told) {
        function();
    }
    if (observer_) {
        const RpcError error{RpcCode::internal_error, std::string(kCancelled), {}};
        observer_(&error, {});
    }
}

void Request::on_cancelled(std::function<void()> told) {
    {
        const std::scoped_lock lock(mutex_);
        if (!ended_.load()) {
            told_.push_back(std::move(told));
            return;
        }
    }
    if (cancelled()) {
        told();
    }
}

bool Request::end() {
    // What the handler and the callbacks hold may hold this request: let go of it, outside the
    // lock.
    std::vector<std::function<void()>> told;
    std::shared_ptr<const Handler> handler;
    const std::scoped_lock lock(mutex_);
    if (ended_.exchange(true)) {
        return false;
    }
    told.swap(told_);
    handler.swap(handler_);
    return true;
}

void Request::answer(std::string&& result_json) {
    if (end()) {
        if (observer_) {
            observer_(nullptr, result_json);
        }
        exchange_->answer(rpc_result(id(), result_json), std::nullopt);
    }
}

void Request::finish(std::string result_json) {
    if (!caller_.modern()) {
        answer(std::move(result_json));
        return;
    }
    const bool cacheable = method() == "resources/read";
    answer(modern_result(result_json, cacheable ? kUncached : std::string_view()));
}

void Request::fail(RpcError error) {
    if (!end()) {
        return;
    }
    error.code = code_for(caller_, error.code);
    if (observer_) {
        observer_(&error, {});
    }
    exchange_->answer(rpc_failure(id(), error), error.code);
}

void Request::settle(Outcome outcome) {
    if (outcome) {
        finish(*std::move(outcome));
    } else {
        fail(std::move(outcome.error()));
    }
}

std::optional<RpcError> Request::refusal_of(const InputNeed& need) const {
    const bool modern = caller_.modern();
    if (modern && !may_ask(method())) {
        return RpcError{RpcCode::internal_error, method() + " may not ask for input", {}};
    }
    if (need.requests.empty() && (!modern || need.state.empty())) {
        return RpcError{RpcCode::internal_error, "nothing is asked", {}};
    }
    if (modern && (seal_ == nullptr || need.state.size() > StateSeal::kMaxStateBytes)) {
        return RpcError{RpcCode::internal_error, "the request's state cannot be kept", {}};
    }
    Missing missing;
    for (const auto& [key, request] : need.requests) {
        if (!missing.add(caller_.capabilities, request)) {
            return RpcError{RpcCode::internal_error, "no client answers " + request.method, {}};
        }
    }
    if (!missing.any()) {
        return std::nullopt;
    }
    return RpcError{RpcCode::missing_capability, "the client lacks a capability this needs",
                    missing.json()};
}

void Request::need_input(InputNeed need) {
    if (auto error = refusal_of(need)) {
        fail(*std::move(error));
    } else if (caller_.modern()) {
        answer_input_required(need);
    } else {
        ask_all(std::move(need));
    }
}

void Request::answer_input_required(const InputNeed& need) {
    std::string out = R"({"resultType":"input_required")";
    if (!need.requests.empty()) {
        out += R"(,"inputRequests":)";
        char before = '{';
        for (const auto& [key, request] : need.requests) {
            out += std::exchange(before, ',');
            append_json_string(key, out);
            out += R"(:{"method":)";
            append_json_string(request.method, out);
            out += R"(,"params":)" + request.params_json + '}';
        }
        out += '}';
    }
    out += R"(,"requestState":")" + seal_->seal(caller_, message_, need.state, now_us_) + "\"}";
    finish(std::move(out));
}

void Request::ask_all(InputNeed need) {
    auto gathering = std::make_shared<Gathering>();
    gathering->state = std::move(need.state);
    gathering->missing = need.requests.size();
    for (auto& [key, request] : need.requests) {
        exchange_->ask(request.method, std::move(request.params_json),
                       [self = shared_from_this(), gathering, key](Outcome outcome) {
                           {
                               const std::scoped_lock lock(gathering->mutex);
                               gathering->inputs.insert_or_assign(
                                   key, answer_member(std::move(outcome)));
                               if (--gathering->missing > 0) {
                                   return;
                               }
                           }
                           // The last answer: no other thread has the request now.
                           self->inputs_ = std::move(gathering->inputs);
                           self->state_ = std::move(gathering->state);
                           self->run_turn();
                       });
    }
}

}  // namespace credence::surface::mcp
