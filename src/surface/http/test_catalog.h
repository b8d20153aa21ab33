// A small catalogue for the tests of this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/catalog.h"
#include "base/json.h"

namespace credence::surface {

struct NoteRequest {
    std::optional<std::string> note;
    std::optional<std::int64_t> line;
    std::optional<bool> loud;
    std::optional<std::vector<std::string>> tags;
    std::optional<RawJson> extra;
};
inline void describe(Describe<NoteRequest>& d) {
    d.field<&NoteRequest::note>("Its name");
    d.field<&NoteRequest::line>("Which line").between(0, 100);
    d.field<&NoteRequest::loud>("In capitals");
    d.field<&NoteRequest::tags>("Labels");
    d.field<&NoteRequest::extra>("Anything");
}

struct NamedNote {
    std::string note;
    std::int64_t line = 0;
    std::optional<std::string> text;
};
inline void describe(Describe<NamedNote>& d) {
    d.field<&NamedNote::note>("Its name");
    d.field<&NamedNote::line>("Which line").or_default();
    d.field<&NamedNote::text>("What it says");
}

struct NamedLine {
    std::string note;
    std::int64_t line = 0;
    std::optional<std::string> text;
};
inline void describe(Describe<NamedLine>& d) {
    d.field<&NamedLine::note>("Its name");
    d.field<&NamedLine::line>("Which line");
    d.field<&NamedLine::text>("What it says");
}

// Echoes its request.
template <class Request>
Operation note_operation(std::string verb, HttpMethod method, std::string path) {
    Operation out;
    out.module = "notes";
    out.verb = std::move(verb);
    out.summary = "Test";
    out.method = method;
    out.path = std::move(path);
    out.scope = "notes:use";
    out.effect = Effect::read;
    out.request = &shape_of<Request>();
    out.response = &shape_of<Request>();
    out.call = [](const Context&, std::string_view request_json,
                  std::string& response_json) -> Result<void> {
        const auto request = TRY(from_json<Request>(request_json));
        response_json += to_json(request);
        return {};
    };
    out.validate = [](std::string_view request_json) -> Result<void> {
        TRY(from_json<Request>(request_json));
        return {};
    };
    return out;
}

class TestCatalog {
public:
    TestCatalog() {
        catalog_.add(note_operation<NoteRequest>("list", HttpMethod::get, "/v1/notes"));
        catalog_.add(note_operation<NoteRequest>("add", HttpMethod::post, "/v1/notes")).lane =
            Lane::direct;
        catalog_.add(note_operation<NoteRequest>("archive", HttpMethod::post, "/v1/notes/archive"));
        add_named<NamedNote>("get", HttpMethod::get, "/v1/notes/{note}", {"note"});
        add_named<NamedNote>("replace", HttpMethod::put, "/v1/notes/{note}", {"note"});
        add_named<NamedLine>("write", HttpMethod::post, "/v1/notes/{note}/lines/{line}",
                             {"note", "line"});
        catalog_.freeze();
    }

    const Catalog& catalog() const { return catalog_; }
    const Operation& operation(std::string_view verb) const {
        return *catalog_.find("notes." + std::string(verb));
    }

private:
    template <class Request>
    void add_named(std::string verb, HttpMethod method, std::string path,
                   std::vector<std::string> parameters) {
        Operation operation = note_operation<Request>(std::move(verb), method, std::move(path));
        operation.path_parameters = std::move(parameters);
        catalog_.add(std::move(operation));
    }

    Catalog catalog_;
};

}  // namespace credence::surface
