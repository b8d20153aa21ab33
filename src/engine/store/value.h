// What travels between C++ and SQL.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/id.h"

namespace credence::store {

// A parameter. Text and blobs are borrowed for the call, except ids, which are small and owned.
class Parameter {
public:
    using Variant =
        std::variant<std::nullptr_t, std::int64_t, double, std::string_view, std::string>;

    Parameter(std::nullptr_t) : value_(nullptr) {}
    Parameter(bool v) : value_(std::int64_t{v ? 1 : 0}) {}
    Parameter(std::integral auto v) : value_(static_cast<std::int64_t>(v)) {}
    Parameter(double v) : value_(v) {}
    Parameter(const char* v) : value_(std::string_view(v)) {}
    Parameter(std::string_view v) : value_(v) {}
    Parameter(const std::string& v) : value_(std::string_view(v)) {}
    template <class Tag>
    Parameter(const Id<Tag>& v) : value_(v.to_string()) {}
    template <class T>
    Parameter(const std::optional<T>& v) : value_(v ? Parameter(*v).value_ : Variant(nullptr)) {}

    const Variant& value() const { return value_; }

private:
    Variant value_;
};

// One cell of a result.
using Cell = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

}  // namespace credence::store
