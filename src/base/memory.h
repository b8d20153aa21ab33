// Memory that a process holds and no longer needs, given back to the system. Thread-safe; both are
// about how much memory is resident and change nothing that a program can see.
#pragma once

#include <string_view>

namespace credence {

// `mapped` must lie in a read-only mapping of a file, such as the constants of the program itself:
// its whole pages leave memory and are read from the file again when they are next touched.
void release_pages(std::string_view mapped);

// What was freed, yet is kept by the allocator for later.
void release_free_heap();

}  // namespace credence
