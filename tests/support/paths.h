#pragma once
#include <string>

/// Defined in one file, paths.cpp, so that no other depends on where the project lies and a cache of compiled files
/// serves every checkout.
std::string source_dir();       ///< the project's root
std::string straggle_binary();  ///< the program's file
