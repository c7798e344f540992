#include "experiments/report/gnuplot.h"

#include <cctype>
#include <cmath>
#include <fstream>
#include <iterator>
#include <locale>
#include <sstream>
#include <string_view>

#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/process.h"
#include "experiments/run/output_error.h"

namespace experiments {
namespace {

constexpr const char* kFont = "Helvetica,Arial,sans-serif";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether the content has the end that its format ends with.
bool is_whole(std::string_view content, PictureFormat format) {
  using namespace std::string_view_literals;
  constexpr std::string_view ends[] = {"</svg>"sv, "%%EOF"sv, "IEND\xAE\x42\x60\x82"sv};
  const std::string_view end = ends[static_cast<size_t>(format)];
  if (format == PictureFormat::svg || format == PictureFormat::pdf)
    while (!content.empty() && (content.back() == '\n' || content.back() == ' ')) content.remove_suffix(1);
  return !content.empty() && content.ends_with(end);
}

std::string terminal(PictureFormat format, int width, int height, double scale) {
  const auto scaled = [&](double value) { return gnuplot_number(scale * value); };
  const auto pixels = [&](double value) { return std::to_string(std::lround(scale * value)); };
  switch (format) {
    case PictureFormat::svg:
      return "svg size " + pixels(width) + "," + pixels(height) + " dynamic noenhanced font '" + kFont + "," +
             scaled(13) + "' linewidth " + scaled(1) + " background '#FFFFFF'";
    // This terminal's points are three quarters of a point.
    case PictureFormat::pdf:
      return "pdfcairo size " + scaled(width / 96.0) + "in," + scaled(height / 96.0) +
             "in noenhanced font 'Helvetica," + scaled(13) + "' linewidth " + scaled(1.3) + " background '#FFFFFF'";
    default:
      return "pngcairo size " + pixels(2 * width) + "," + pixels(2 * height) + " noenhanced font 'Helvetica," +
             scaled(19.5) + "' linewidth " + scaled(2) + " background '#FFFFFF'";
  }
}

}  // namespace

std::string gnuplot_text(const std::string& text, size_t columns) {
  std::string result = "\"";
  bool octal = false;
  for (char c : fit(text, columns)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte >= 0x80 || std::isalnum(byte) || std::string_view(" .,-_+()").find(c) != std::string_view::npos;
    // An octal escape takes all digits that follow for its own, so a digit begins another string.
    if (octal && byte >= '0' && byte <= '7') result += "\" . \"";
    octal = !plain;
    if (plain)
      result += c;
    else
      for (char part : {'\\', char('0' + byte / 64), char('0' + byte / 8 % 8), char('0' + byte % 8)}) result += part;
  }
  return result + "\"";
}

std::string gnuplot_number(double value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(9);
  text << value;
  return text.str();
}

std::string small_font(PictureFormat format, double scale) {
  return "'," + gnuplot_number(scale * (format == PictureFormat::png ? 16.5 : 11)) + "'";
}

std::string extension_of(PictureFormat format) {
  const char* const extensions[] = {".svg", ".pdf", ".png"};
  return extensions[static_cast<size_t>(format)];
}

std::string picture_heading(const std::string& name, PictureFormat format, int width, int height, double scale) {
  const std::string file = name + extension_of(format);
  return "# " + file + ": run  gnuplot " + name +
         ".gp  in this folder to draw it again.\n"
         "set encoding utf8\n"
         "set terminal " +
         terminal(format, width, height, scale) + "\nset output '" + file +
         "'\nset decimalsign '.'\n"
         "set border 3 linecolor rgb '#555555' linewidth 0.8\n"
         "set tics nomirror out scale 0.6 textcolor rgb '#222222'\n";
}

void write_picture(const std::filesystem::path& folder, const Picture& picture) {
  write_file(folder / (picture.name + ".gp"), picture.script);
  write_file(folder / (picture.name + ".dat"), picture.data);
}

Drawing draw(const std::filesystem::path& folder, const Picture& picture) {
  write_picture(folder, picture);
  // -d: no start-up files of the user's, so that the same run gives the same picture everywhere.
  ProcessResult drawn = run_program({"gnuplot", "-d", picture.name + ".gp"}, folder);
  if (!drawn.started) return {"", "gnuplot was not found"};
  const std::filesystem::path file = folder / (picture.name + extension_of(picture.format));
  Drawing drawing{content_of(file), ""};
  if (drawn.status == 0 && is_whole(drawing.content, picture.format)) return drawing;
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  const std::string script = (folder / (picture.name + ".gp")).string();
  if (drawn.status != 0) return {"", "gnuplot failed on " + script + ": " + drawn.errors};
  throw OutputError(file.string() + ": gnuplot did not write the whole picture; is the disk full?" +
                    (drawn.errors.empty() ? "" : " It says: " + drawn.errors));
}

}  // namespace experiments
