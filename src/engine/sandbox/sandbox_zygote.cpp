// The smallest program that can be a zygote, for tests and benchmarks of the sandbox.
#include "engine/sandbox/sandbox.h"

int main(int argc, char** argv) {
    credence::sandbox::become_zygote_if_asked(argc, argv);
    return 2;
}
