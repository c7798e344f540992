#include "tests/support/paths.h"

std::string source_dir() { return STRAGGLE_SOURCE_DIR; }
std::string straggle_binary() { return STRAGGLE_BINARY; }
