// Owns a file descriptor and closes it; writes all of a text to one. Not thread-safe.
#pragma once

#include <string_view>
#include <utility>

namespace credence {

class Descriptor {
public:
    Descriptor() = default;
    // Takes what open(), socket() and their like return; below zero is none.
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    // Gives it away: closing it is the caller's duty from here.
    int release() { return std::exchange(number_, -1); }
    // Closes it now. Leaves errno as it is.
    void reset();

private:
    int number_ = -1;
};

// Blocks until all is written, also after signals. False, with errno, when not all could be.
bool write_all(int descriptor, std::string_view bytes);

}  // namespace credence
