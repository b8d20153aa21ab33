// One request JSON text from the three places an HTTP request keeps its fields: path, query, body.
// Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "base/result.h"

namespace credence::surface {

inline constexpr std::size_t kDefaultRequestBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxQueryParameters = 64;

struct RequestInput {
    const Operation& operation;
    const std::vector<std::string>& path_values;  // as Route::values
    std::string_view query;                       // undecoded
    std::string_view body;
};

// GET and DELETE read the query, the others a JSON object in the body (empty: {}); path parameters
// join either. Returns the body itself, uncopied, when it is the whole request; otherwise text
// built in `storage`. Code::invalid with the field for unknown, repeated, misplaced or undecodable
// parameters; Code::too_large for a body over the operation's limit. The JSON is not validated
// further: decoding by Shape does that.
Result<std::string_view> request_json(const RequestInput& input, std::string& storage);

// A query string as decoded names and values, in order. Code::invalid on broken escapes, invalid
// UTF-8, repeated names (with the field), or more than kMaxQueryParameters.
struct QueryParameter {
    std::string name;
    std::string value;
};
Result<std::vector<QueryParameter>> parse_query(std::string_view query);

}  // namespace credence::surface
