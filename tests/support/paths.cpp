#include "tests/support/paths.h"

#include "tests/support/disk.h"

std::string source_dir() { return STRAGGLE_SOURCE_DIR; }
std::string straggle_binary() { return STRAGGLE_BINARY; }
std::string disk_witness() { return STRAGGLE_DISK_WITNESS; }
