#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

namespace models {

// How files and directories come to their places. Without the word "not", what these have done is on the disk when they
// return: a power cut at any moment leaves what was there before or what is new, whole. They return what went wrong, if
// anything did.

using Pieces = std::vector<std::span<const std::byte>>;

/// Writes the pieces, one after another, into the file's place; a reader may see a part. It is not on the disk yet:
/// this is for directories that are put in place whole.
std::error_code write_file(const std::filesystem::path& file, const Pieces&);

/// Replaces the file at once: it is written beside its place, onto the disk, and renamed. Two processes that do so each
/// put a whole one there. What goes wrong leaves what was there.
std::error_code replace_file(const std::filesystem::path& file, const Pieces&);

/// Puts the directory `made`, beside `place`, at `place`. What stood there is at `made` afterwards, in one step where
/// the file system can. What goes wrong leaves both where they were.
std::error_code put_directory(const std::filesystem::path& made, const std::filesystem::path& place);

/// What put_directory() has moved aside, for a moment, on a file system that cannot exchange two directories.
std::filesystem::path moved_aside(const std::filesystem::path& made);

/// Makes the directory and those above it that are missing.
std::error_code make_directories(const std::filesystem::path& directory);

/// Waits until what was made, renamed and removed in the directory is on the disk.
std::error_code sync_directory(const std::filesystem::path& directory);

}  // namespace models
