# How a folder becomes part of the program.
#
# credence_library(NAME SOURCES … [LINK …] [PRIVATE_LINK …] [TESTS …] [TEST_LINK …] [MIGRATIONS …])
#   One static library credence_NAME, and with TESTS one unit-test program NAME_test run by ctest.
#   MIGRATIONS are stems, in order: 0001_claims means migrations/0001_claims.{up,down}.sql.
# credence_module(NAME …same… [DEPENDS module …])
#   A capability: a library that exports Result<void> install(Host&) in namespace credence::NAME.
# credence_modules(VARIABLE name …)
#   Adds the capabilities' folders; each is one word in src/CMakeLists.txt.
# credence_bench(NAME SOURCES … LINK …)
#   A program that measures, for people: part of the target benches, of the default one only with
#   CREDENCE_BENCH.
# credence_program(NAME SOURCES … MODULES name … [MCP_EXTRAS file])
#   An executable with those modules, their migrations and the generated table of both. MCP_EXTRAS
#   defines what src/app/mcp_extras.h declares; by default nothing is added.

set_property(GLOBAL PROPERTY CREDENCE_MIGRATIONS "")

function(credence_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK;TESTS;TEST_LINK;MIGRATIONS" ${ARGN})
  add_library(credence_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(credence_${name} PUBLIC credence_options ${ARG_LINK}
                                         PRIVATE ${ARG_PRIVATE_LINK})
  credence_share_headers(credence_${name} credence_headers -O2)
  credence_unity(credence_${name})
  foreach(stem IN LISTS ARG_MIGRATIONS)
    set_property(GLOBAL APPEND PROPERTY CREDENCE_MIGRATIONS
      "${name}|${CMAKE_CURRENT_SOURCE_DIR}/migrations/${stem}")
  endforeach()
  if(CREDENCE_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE credence_${name} ${ARG_TEST_LINK} GTest::gtest_main)
    credence_share_headers(${name}_test credence_test_headers -O0)
    credence_unity(${name}_test)
    # Tests read migrations from the source tree; __FILE__ may be relative.
    target_compile_definitions(${name}_test PRIVATE CREDENCE_SOURCE_ROOT="${CMAKE_SOURCE_DIR}/src")
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

function(credence_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK;TESTS;TEST_LINK;MIGRATIONS;DEPENDS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND credence_)
  credence_library(${name} SOURCES ${ARG_SOURCES} LINK credence_api ${ARG_LINK} ${ARG_DEPENDS}
    PRIVATE_LINK ${ARG_PRIVATE_LINK} TESTS ${ARG_TESTS} TEST_LINK ${ARG_TEST_LINK}
    MIGRATIONS ${ARG_MIGRATIONS})
endfunction()

add_custom_target(benches)

function(credence_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT CREDENCE_TESTS)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_compile_definitions(${name} PRIVATE CREDENCE_SOURCE_ROOT="${CMAKE_SOURCE_DIR}/src")
  add_dependencies(benches ${name})
  if(NOT CREDENCE_BENCH)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

function(credence_modules variable)
  foreach(name IN LISTS ARGN)
    add_subdirectory(capabilities/${name})
  endforeach()
  set(${variable} ${ARGN} PARENT_SCOPE)
  set_property(GLOBAL PROPERTY ${variable} ${ARGN})
endfunction()

# Writes the table of modules and migrations; migrations are embedded as text.
function(credence_write_modules output)
  set(declarations "")
  set(modules "")
  foreach(name IN LISTS ARGN)
    string(APPEND declarations "namespace ${name} {\nResult<void> install(Host&);\n}\n")
    string(APPEND modules "    {\"${name}\", &${name}::install},\n")
  endforeach()
  set(migrations "")
  get_property(entries GLOBAL PROPERTY CREDENCE_MIGRATIONS)
  foreach(entry IN LISTS entries)
    string(REPLACE "|" ";" parts "${entry}")
    list(GET parts 0 module)
    list(GET parts 1 stem)
    get_filename_component(base ${stem} NAME)
    string(REGEX MATCH "^([0-9]+)_(.*)$" _ ${base})
    math(EXPR number "0 + ${CMAKE_MATCH_1}")
    set(name ${CMAKE_MATCH_2})
    file(READ ${stem}.up.sql up)
    file(READ ${stem}.down.sql down)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${stem}.up.sql ${stem}.down.sql)
    string(APPEND migrations
      "    {\"${module}\", ${number}, \"${name}\", R\"sql(${up})sql\", R\"sql(${down})sql\"},\n")
  endforeach()
  set(CREDENCE_DECLARATIONS "${declarations}")
  set(CREDENCE_MODULE_TABLE "${modules}")
  set(CREDENCE_MIGRATION_TABLE "${migrations}")
  configure_file(${CMAKE_SOURCE_DIR}/src/app/modules.gen.cpp.in ${output} @ONLY)
endfunction()

function(credence_program name)
  cmake_parse_arguments(ARG "" "MCP_EXTRAS" "SOURCES;MODULES;LINK" ${ARGN})
  if(NOT ARG_MCP_EXTRAS)
    set(ARG_MCP_EXTRAS ${CMAKE_SOURCE_DIR}/src/app/mcp_extras.cpp)
  endif()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${name}_modules.gen.cpp)
  credence_write_modules(${generated} ${ARG_MODULES})
  add_executable(${name} ${ARG_SOURCES} ${ARG_MCP_EXTRAS} ${generated})
  set(libraries ${ARG_MODULES})
  list(TRANSFORM libraries PREPEND credence_)
  target_link_libraries(${name} PRIVATE credence_app ${libraries} ${ARG_LINK})
  credence_share_headers(${name} credence_headers -O2)
endfunction()
