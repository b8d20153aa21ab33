# Headers of the standard library, parsed once for all files. Only in the release build: elsewhere a
# file that forgets an include must not compile.
option(CREDENCE_PRECOMPILED
  "Share precompiled headers, compile files together, and tests without optimisation" OFF)

set(kPrecompiledHeaders <algorithm> <array> <atomic> <boost/pfr/tuple_size.hpp> <chrono>
  <condition_variable> <cstdint> <deque> <expected> <filesystem> <functional> <map> <memory> <mutex>
  <optional> <random> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

# credence_precompiled(NAME OPTION HEADER …)  A target whose precompiled header others reuse.
function(credence_precompiled name option)
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "namespace credence {}\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE credence_options Boost::headers Threads::Threads)
  target_compile_options(${name} PRIVATE ${option} -fpch-preprocess)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# credence_share_headers(TARGET HEADERS OPTION)  Compiles the target with the headers of that other.
function(credence_share_headers target headers option)
  if(CREDENCE_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${headers})
    target_compile_options(${target} PRIVATE ${option} -fpch-preprocess)
  endif()
endfunction()

if(CREDENCE_PRECOMPILED)
  credence_precompiled(credence_headers -O2 ${kPrecompiledHeaders})
  if(CREDENCE_TESTS)
    credence_precompiled(credence_test_headers -O0 ${kPrecompiledHeaders} <gtest/gtest.h>)
    target_link_libraries(credence_test_headers PRIVATE GTest::gtest)
  endif()
endif()
