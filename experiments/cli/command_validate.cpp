#include <iostream>
#include <map>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/report/files.h"
#include "experiments/run/output_error.h"
#include "experiments/run/thread_pool.h"
#include "experiments/validation/sources.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kValidateUsage = "straggle validate [--out PAGE.md]";

}  // namespace

int command_validate(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("PAGE.md")->default_value("docs/validation.md"),
                        "the page; its charts go into a folder of its name beside it");
  po::variables_map values;
  if (!parse_options(kValidateUsage, options, arguments, values)) return 0;
  if (values.count("FILE")) throw UsageError(std::string("takes no file\nusage: ") + kValidateUsage);
  const fs::path out = values["out"].as<std::string>();
  if (out.extension() != ".md") throw UsageError("--out is " + out.string() + "; allowed: a name that ends in .md");

  const auto& sources = validation_sources();
  std::vector<Validation> all(sources.size());
  std::vector<ThreadPool::Ticket> tickets;
  ThreadPool pool(default_threads());
  for (size_t i = 0; i < sources.size(); ++i)
    tickets.push_back(pool.submit(sim::kTimeZero, [&, i] { all[i] = sources[i](); }));
  bool hold = true;
  for (size_t i = 0; i < sources.size(); ++i) {
    tickets[i].wait();
    std::cout << all[i].title << "\n";
    for (const Rule& rule : all[i].rules) {
      std::cout << "  " << (rule.holds ? "holds" : "FAILS") << "  " << rule.says << ": " << rule.measured << "\n";
      hold = hold && rule.holds;
    }
    std::cout << std::flush;
  }
  const fs::path beside = out.parent_path() / out.stem();
  std::map<std::string, Figure> figures;
  for (const Validation& v : all) figures.insert(v.charts.begin(), v.charts.end());
  const Drawings drawings = draw_all(figures);
  if (!drawings.problem.empty()) throw OutputError(out.string() + ": was not written: " + drawings.problem);
  for (const auto& [name, content] : drawings.contents) replace_file(beside / (name + ".svg"), content);
  replace_file(out, validation_page(all, "./straggle validate", out.stem().string()));
  std::cout << "\n" << out.string() << "\n";
  return hold ? 0 : kExitDiffers;
}

}  // namespace experiments
