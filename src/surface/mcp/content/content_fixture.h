// A small catalogue behind a real Dispatcher and a client that keeps what it is told, for the tests
// of this folder.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "base/json.h"
#include "base/log.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp::test {

enum class Diet : std::uint8_t { plants, meat, mixed };

struct AnimalRef {
    std::string animal_id;
    Diet diet = Diet::mixed;
};
inline void describe(Describe<AnimalRef>& d) {
    d.field<&AnimalRef::animal_id>("Which one").length(1, 64);
    d.field<&AnimalRef::diet>("What it eats").or_default();
}
struct Animal {
    std::string animal_id;
    std::string name;
};
inline void describe(Describe<Animal>& d) {
    d.field<&Animal::animal_id>("Which one");
    d.field<&Animal::name>("Its name");
}
struct ListAnimals {
    std::optional<std::string> house;
    std::int64_t limit = 10;
};
inline void describe(Describe<ListAnimals>& d) {
    d.field<&ListAnimals::house>("Only those of a house");
    d.field<&ListAnimals::limit>("At most").between(1, 500).or_default();
}
struct AnimalList {
    std::vector<Animal> animals;
    std::optional<std::string> next;
};
inline void describe(Describe<AnimalList>& d) {
    d.field<&AnimalList::animals>("The animals");
    d.field<&AnimalList::next>("Where the list goes on");
}

// zoo.get credence://zoo/{animal_id} ("ghost" is nowhere, "locked" is forbidden, "tired" is
// unavailable), zoo.list credence://zoo (150 animals a000 to a149; of the house "cats" lion and
// lynx and more to come), zoo.feed (writes).
inline void add_zoo(Catalog& catalog) {
    Operation get;
    get.module = "zoo";
    get.verb = "get";
    get.summary = "Show an animal";
    get.path = "/v1/zoo/{animal_id}";
    get.path_parameters = {"animal_id"};
    get.method = HttpMethod::get;
    get.scope = "zoo:read";
    get.resource = "credence://zoo/{animal_id}";
    get.ids_from = "zoo.list";
    get.request = &shape_of<AnimalRef>();
    get.response = &shape_of<Animal>();
    get.call = [](const Context&, std::string_view json, std::string& out) -> Result<void> {
        const AnimalRef request = TRY(from_json<AnimalRef>(json));
        if (request.animal_id == "ghost") {
            return fail(Code::not_found, "no such animal", "animal_id");
        }
        if (request.animal_id == "locked") {
            return fail(Code::forbidden, "not for you");
        }
        if (request.animal_id == "tired") {
            return std::unexpected(Error{Code::unavailable, "later", {}, 250});
        }
        out += to_json(Animal{request.animal_id, "Leo"});
        return {};
    };
    Operation feed = get;
    feed.verb = "feed";
    feed.method = HttpMethod::post;
    feed.path = "/v1/zoo/{animal_id}/food";
    feed.effect = Effect::write;
    feed.resource = feed.ids_from = {};
    Operation list = get;
    list.verb = "list";
    list.summary = "List the animals";
    list.path = "/v1/zoo";
    list.path_parameters = {};
    list.resource = "credence://zoo";
    list.ids_from = {};
    list.request = &shape_of<ListAnimals>();
    list.response = &shape_of<AnimalList>();
    list.call = [](const Context&, std::string_view json, std::string& out) -> Result<void> {
        const ListAnimals request = TRY(from_json<ListAnimals>(json));
        AnimalList answer;
        if (request.house == "cats") {
            answer = {{{"lynx", "Lena"}, {"lion", "Leo"}, {"lion", "Lea"}}, "lion"};
        } else {
            for (std::int64_t i = 0; i < std::min<std::int64_t>(request.limit, 150); ++i) {
                answer.animals.push_back({"a" + std::to_string(1'000 + i).substr(1), "A"});
            }
        }
        out += to_json(answer);
        return {};
    };
    catalog.add(std::move(get));
    catalog.add(std::move(feed));
    catalog.add(std::move(list));
}

class OpenGate final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials&) override { return Admission{}; }
    bool requires_keys() const override { return false; }
};

class NoAudit final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override { return {}; }
};

// One request's answer.
class KeptAnswer final : public Exchange {
public:
    void notify(std::string) override {}
    void ask(std::string_view, std::string, std::function<void(Outcome)> done) override {
        done(std::unexpected(RpcError{RpcCode::internal_error, "nobody to ask", {}}));
    }
    void answer(std::string message, std::optional<RpcCode> error) override {
        const std::scoped_lock lock(mutex_);
        ++answers_;
        message_ = std::move(message);
        error_ = error;
        told_.notify_all();
    }
    void pause(std::int64_t) override {}

    // Waits for it.
    Members message() {
        std::unique_lock lock(mutex_);
        told_.wait_for(lock, std::chrono::seconds(10), [this] { return answers_ > 0; });
        return Members::parse(message_).value_or(Members());
    }
    Members result() { return Members::of(message()["result"]); }
    Members error() { return Members::of(message()["error"]); }
    std::int64_t code() { return error()["code"].integer().value_or(0); }
    int answers() {
        const std::scoped_lock lock(mutex_);
        return answers_;
    }

private:
    std::mutex mutex_;
    std::condition_variable told_;
    std::string message_;
    std::optional<RpcCode> error_;
    int answers_ = 0;
};

struct Asked {
    RequestPtr request;
    std::shared_ptr<KeptAnswer> answer;
};

inline Caller caller_with(std::vector<std::string> scopes,
                          Revision revision = Revision::r2025_11_25) {
    Caller caller;
    caller.context.scopes = Scopes(std::move(scopes));
    caller.revision = revision;
    return caller;
}

inline Asked ask(Caller caller, std::string method, std::string_view params) {
    auto answer = std::make_shared<KeptAnswer>();
    RpcMessage message;
    message.id = "1";
    message.method = std::move(method);
    message.params = Members::parse(params).value();
    Request::Parts parts;
    parts.caller = std::move(caller);
    parts.message = std::move(message);
    parts.exchange = answer;
    return {std::make_shared<Request>(std::move(parts)), answer};
}

class Zoo {
public:
    // more: called before the catalogue is frozen.
    explicit Zoo(void (*more)(Catalog&) = nullptr, WorkerPool* pool = nullptr) {
        log::set_level(log::Level::off);
        add_zoo(catalog_);
        if (more != nullptr) {
            more(catalog_);
        }
        catalog_.freeze();
        dispatcher_.emplace(Dispatcher::Parts{.catalog = catalog_,
                                              .gatekeeper = gate_,
                                              .audit = audit_,
                                              .jobs = nullptr,
                                              .pool = pool,
                                              .clock = clock_,
                                              .ids = ids_,
                                              .metrics = metrics_});
    }
    Dispatcher& dispatcher() { return *dispatcher_; }

private:
    ManualClock clock_{1'735'689'600'000'000};
    SeededRandom random_{1};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    Catalog catalog_;
    OpenGate gate_;
    NoAudit audit_;
    std::optional<Dispatcher> dispatcher_;
};

}  // namespace credence::surface::mcp::test
