#include "experiments/report/gnuplot.h"

#include <cctype>
#include <locale>
#include <sstream>

#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/process.h"

namespace experiments {
namespace {

constexpr const char* kFont = "Helvetica,Arial,sans-serif";

std::string inches(int pixels) { return gnuplot_number(pixels / 96.0) + "in"; }

std::string terminal(PictureFormat format, int width, int height, bool colour) {
  const std::string size = std::to_string(width) + "," + std::to_string(height);
  switch (format) {
    case PictureFormat::svg:
      return "svg size " + size + " dynamic noenhanced font '" + kFont + ",13' linewidth 1 background '#FFFFFF'";
    // This terminal's points are three quarters of a point.
    case PictureFormat::pdf:
      return "pdfcairo size " + inches(width) + "," + inches(height) +
             " noenhanced font 'Helvetica,13' linewidth 1.3 background '#FFFFFF'";
    case PictureFormat::png:
      return "pngcairo size " + std::to_string(2 * width) + "," + std::to_string(2 * height) +
             " noenhanced font 'Helvetica,19.5' linewidth 2 background '#FFFFFF'";
    default:
      return "dumb size " + size + " noenhanced " + (colour ? "ansi256" : "mono");
  }
}

}  // namespace

std::string gnuplot_text(const std::string& text, size_t columns) {
  std::string result = "\"";
  for (char c : fit(text, columns)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte >= 0x80 || std::isalnum(byte) || std::string_view(" .,-_+()").find(c) != std::string_view::npos;
    if (plain)
      result += c;
    else
      for (char octal : {'\\', char('0' + byte / 64), char('0' + byte / 8 % 8), char('0' + byte % 8)}) result += octal;
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

std::string small_font(PictureFormat format) { return format == PictureFormat::png ? "',16.5'" : "',11'"; }

std::string extension_of(PictureFormat format) {
  const char* const extensions[] = {".svg", ".pdf", ".png", ".txt"};
  return extensions[static_cast<size_t>(format)];
}

std::string picture_heading(const std::string& name, PictureFormat format, int width, int height, bool colour) {
  const std::string file = name + extension_of(format);
  return "# " + file + ": run  gnuplot " + name +
         ".gp  in this folder to draw it again.\n"
         "set encoding utf8\n"
         "set terminal " +
         terminal(format, width, height, colour) +
         "\n"
         "set output '" +
         file +
         "'\n"
         "set decimalsign '.'\n" +
         (format == PictureFormat::terminal ? "set border 3\nset tics nomirror out scale 0.6\n"
                                            : "set border 3 linecolor rgb '#555555' linewidth 0.8\n"
                                              "set tics nomirror out scale 0.6 textcolor rgb '#222222'\n");
}

void write_picture(const std::filesystem::path& folder, const Picture& picture) {
  write_file(folder / (picture.name + ".gp"), picture.script);
  write_file(folder / (picture.name + ".dat"), picture.data);
}

std::string draw(const std::filesystem::path& folder, const Picture& picture) {
  write_picture(folder, picture);
  // -d: no start-up files of the user's, so that the same run gives the same picture everywhere.
  const ProcessResult drawn = run_program({"gnuplot", "-d", picture.name + ".gp"}, folder);
  if (!drawn.started) return "gnuplot was not found";
  if (drawn.status != 0) return "gnuplot failed on " + (folder / (picture.name + ".gp")).string() + ": " + drawn.errors;
  return "";
}

}  // namespace experiments
