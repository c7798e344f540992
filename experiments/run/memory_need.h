#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace experiments {

struct ExperimentConfig;
struct RunConfig;

/// Bytes that training takes at the least.
struct MemoryNeed {
  double program = 30e6;  ///< itself, its libraries, and what records and reading take in the smallest run: measured
  double training = 0;    ///< models, optimizer states, pseudo-gradients and activations
  double data = 0;        ///< each text once and as its tokens, or a classifier's points
};

/// That of `runs`, begun in this order, `at_once` side by side on so many threads, which they share. What
/// more records and reading take comes on top. A text has as many bytes as its files say (models::text_size); a
/// token is one byte of it, or four with SentencePiece. Throws models::CorpusError for a text without files.
MemoryNeed memory_needed(const std::vector<const RunConfig*>& runs, size_t at_once, int threads);

/// The same of a comparison.
MemoryNeed memory_needed(const ExperimentConfig&, int threads);

/// Stops before hours of work that would end in the middle: throws InvalidConfig, which names `file`, where more is
/// needed than memory_available().
void require_memory(const std::string& file, const MemoryNeed&);

/// Bytes that this process may still take: what the system has available, what is left of the limits of its control
/// group and of those above it, which page cache does not count against, or of its own (ulimit -v). `root`: where /proc
/// and /sys are.
double memory_available(const std::filesystem::path& root = "/");

/// "31 GB": decimal, three digits at the most.
std::string bytes_text(double bytes);

}  // namespace experiments
