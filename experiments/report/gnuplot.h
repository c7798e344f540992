#pragma once
#include <filesystem>
#include <string>

namespace experiments {

enum class PictureFormat { svg, pdf, png };

/// A gnuplot script and the data it reads from <name>.dat.
struct Picture {
  std::string name;  ///< of its .gp and .dat, and of what is drawn
  std::string script, data;
  PictureFormat format = PictureFormat::svg;
};
/// What gnuplot made of one: its content, or else why there is none.
struct Drawing {
  std::string content, problem;
};

/// A gnuplot string of at most `columns` columns. Whatever could mean something to gnuplot, now or in another version,
/// is an octal escape: in single quotes it misreads a leading doubled quote, and in double quotes it runs what stands
/// between backquotes.
std::string gnuplot_text(const std::string& text, size_t columns = 34);
/// 17 digits would be noise in a chart's data; nine are more than a picture resolves.
std::string gnuplot_number(double value);

/// The beginning of every script: gnuplot's terminal and its output <name>.<format>, colours and tics. `width` and
/// `height` are pixels at 96 per inch, for letters of kPoints; `scale` is applied to all of it. The PNG has twice as
/// many.
std::string picture_heading(const std::string& name, PictureFormat, int width, int height, double scale = 1);
inline constexpr double kPoints = 9.75;
std::string small_font(PictureFormat, double scale = 1);  ///< for notes
std::string extension_of(PictureFormat);                  ///< ".svg" …

/// Writes the picture's script and data into `folder` and draws it there; they are left where gnuplot is missing or
/// refuses. Throws OutputError, and leaves no picture, where one is not whole: on a full disk gnuplot writes what fits
/// and ends as if all were well.
Drawing draw(const std::filesystem::path& folder, const Picture&);
/// Only writes them.
void write_picture(const std::filesystem::path& folder, const Picture&);

}  // namespace experiments
