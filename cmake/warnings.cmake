# Warnings are errors, and assertions of the standard library stay on in every build.
add_library(credence_options INTERFACE)
target_compile_options(credence_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Wno-error=invalid-pch -fno-strict-aliasing
  -pthread)
target_compile_definitions(credence_options INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(credence_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports impossible overlaps, bounds and frees inside libstdc++ once it inlines deeply.
  target_compile_options(credence_options INTERFACE
    -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized -Wno-dangling-pointer
    -Wno-free-nonheap-object)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of GCC's library calls what that library deprecates.
  target_compile_options(credence_options INTERFACE -Wno-deprecated-declarations)
endif()
find_program(CREDENCE_MOLD mold)
if(CREDENCE_MOLD)
  target_link_options(credence_options INTERFACE -fuse-ld=mold)
endif()
find_program(CREDENCE_CCACHE ccache)
if(CREDENCE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CREDENCE_CCACHE})
endif()
