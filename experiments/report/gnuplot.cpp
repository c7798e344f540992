#include "experiments/report/gnuplot.h"

#include <cctype>
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

/// Whether the content has the end that its format ends with. A terminal's has none, but comes through memory.
bool is_whole(std::string_view content, PictureFormat format) {
  using namespace std::string_view_literals;
  constexpr std::string_view ends[] = {"</svg>"sv, "%%EOF"sv, "IEND\xAE\x42\x60\x82"sv, ""sv};
  const std::string_view end = ends[static_cast<size_t>(format)];
  if (format == PictureFormat::svg || format == PictureFormat::pdf)
    while (!content.empty() && (content.back() == '\n' || content.back() == ' ')) content.remove_suffix(1);
  return !content.empty() && content.ends_with(end);
}

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
  const char* const extensions[] = {".svg", ".pdf", ".png", ""};
  return extensions[static_cast<size_t>(format)];
}

std::string picture_heading(const std::string& name, PictureFormat format, int width, int height, bool colour) {
  const std::string file = name + extension_of(format);
  return "# " + file + ": run  gnuplot " + name +
         ".gp  in this folder to draw it again.\n"
         "set encoding utf8\n"
         "set terminal " +
         terminal(format, width, height, colour) + "\n" +
         (format == PictureFormat::terminal ? "" : "set output '" + file + "'\n") + "set decimalsign '.'\n" +
         (format == PictureFormat::terminal ? "set border 3\nset tics nomirror out scale 0.6\n"
                                            : "set border 3 linecolor rgb '#555555' linewidth 0.8\n"
                                              "set tics nomirror out scale 0.6 textcolor rgb '#222222'\n");
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
  const bool to_file = picture.format != PictureFormat::terminal;
  Drawing drawing{to_file ? content_of(file) : std::move(drawn.output), ""};
  if (drawn.status == 0 && is_whole(drawing.content, picture.format)) return drawing;
  std::error_code ignored;
  if (to_file) std::filesystem::remove(file, ignored);
  const std::string script = (folder / (picture.name + ".gp")).string();
  if (drawn.status != 0) return {"", "gnuplot failed on " + script + ": " + drawn.errors};
  throw OutputError(file.string() + ": gnuplot did not write the whole picture; is the disk full?" +
                    (drawn.errors.empty() ? "" : " It says: " + drawn.errors));
}

}  // namespace experiments
