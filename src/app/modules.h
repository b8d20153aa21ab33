// The table of modules and migrations, written by CMake from the module list.
#pragma once

#include <span>

#include "api/host.h"
#include "engine/store/migrate.h"

namespace credence {

std::span<const Module> modules();
std::span<const store::Migration> migrations();

}  // namespace credence
