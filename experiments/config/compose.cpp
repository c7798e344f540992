#include "experiments/config/compose.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "experiments/config/json_file.h"
#include "experiments/config/presets.h"
#include "experiments/config/schema.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostUses = 10'000;

/// A file rather than the name of a preset.
bool names_file(const std::string& text) { return text.ends_with(".json") || text.find('/') != text.npos; }

std::vector<std::string_view> names_in(const Json& object) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

/// The document's paths as seen from elsewhere: it lies in `directory`.
void make_absolute(Json& value, const fs::path& directory) {
  static const std::set<std::string> keys = path_keys();
  for (auto& [key, inner] : value.items()) {
    const bool file = inner.is_string() && (keys.contains(key) || ((key == "extends" || key == "cluster") &&
                                                                   names_file(inner.get_ref<const std::string&>())));
    if (value.is_object() && file)
      inner = (directory / inner.get_ref<const std::string&>()).lexically_normal().string();
    else if (inner.is_structured())
      make_absolute(inner, directory);
  }
}

/// A composing key that is null is none.
void drop_nulls(Json& document) {
  for (const char* const key : kComposingKeys)
    if (const auto it = document.find(key); it != document.end() && it->is_null()) document.erase(it);
}

}  // namespace

/// Puts a document together; every step notes where what it adds came from.
class Composer {
 public:
  Composer(const fs::path& file, std::vector<Composition::Origin>& origins) : file_(file), origins_(origins) {}

  Json compose(Json document) {
    drop_nulls(document);
    document = extended(std::move(document), file_);
    Json parts = parts_in(document, file_, "");
    if (document.contains("cluster")) {
      Json cluster = cluster_of(taken(document, "cluster", {}), file_, "/cluster");
      const Json of_cluster = taken(cluster, "parts", Json::object());
      for (const auto& [name, part] : of_cluster.items())
        if (!parts.contains(name)) parts[name] = part;
      for (const char* const about : {"description", "source"}) cluster.erase(about);
      if (document.contains("workers") && cluster.contains("workers"))
        refuse(file_, "/workers",
               "stand beside a cluster that has them; allowed: one of the two, or \"cluster\": {\"extends\": …, "
               "\"workers\": …}");
      document = merged(std::move(cluster), document);
    }
    parts_ = &parts;
    expand(document, "");
    return document;
  }

 private:
  [[noreturn]] static void refuse(const fs::path& file, const std::string& pointer, const std::string& message) {
    throw InvalidConfig(file.string(), {{pointer, message}});
  }
  /// What a file calls another by.
  static fs::path beside(const fs::path& file, const std::string& name) {
    return (fs::absolute(file).parent_path() / name).lexically_normal();
  }
  static Json taken(Json& object, const char* key, Json otherwise) {
    if (const auto it = object.find(key); it != object.end()) {
      otherwise = std::move(*it);
      object.erase(key);
    }
    return otherwise;
  }

  /// The parts of an object at `pointer` of a file, which loses them.
  static Json parts_in(Json& object, const fs::path& file, const std::string& pointer) {
    Json parts = taken(object, "parts", Json::object());
    if (parts.is_null()) return Json::object();
    if (!parts.is_object())
      refuse(file, pointer + "/parts", "is " + describe(parts) + "; allowed: an object of values with names");
    return parts;
  }

  /// The object in a file, as seen from anywhere.
  static Json object_in(const fs::path& file) {
    Json object = parse_json(read_text(file), file.string());
    if (!object.is_object()) refuse(file, "", "is " + describe(object) + "; allowed: an object");
    make_absolute(object, file.parent_path());
    drop_nulls(object);
    return object;
  }

  /// Laid over what it extends. A cluster of its own takes the place of the other's.
  Json extended(Json document, const fs::path& file) {
    const Json name = taken(document, "extends", nullptr);
    if (name.is_null()) return document;
    if (!name.is_string() || !names_file(name.get_ref<const std::string&>()))
      refuse(file, "/extends",
             "is " + describe(name) + "; allowed: the name of an experiment file, which ends in .json");
    const fs::path named = beside(file, name.get<std::string>());
    Open open(*this, named.string());
    const Json as_written = object_in(named);
    Json base = extended(as_written, named);
    origins_.push_back({"", as_written, "", named.string()});
    if (document.contains("cluster"))
      for (const char* const key : kClusterKeys) base.erase(key);
    return merged(std::move(base), document);
  }

  /// A cluster's keys, of what stands at `pointer` of a file: a preset's name, a file's, or an object.
  Json cluster_of(const Json& value, const fs::path& file, const std::string& pointer) {
    if (value.is_object()) return over_its_base(value, file, pointer);
    if (!value.is_string())
      refuse(file, pointer,
             "is " + describe(value) + "; allowed: a preset's name, a file's, or an object with a cluster's keys");
    const auto& name = value.get_ref<const std::string&>();
    if (names_file(name)) {
      const fs::path named = beside(file, name);
      Open open(*this, named.string());
      return over_its_base(object_in(named), named, "");
    }
    const Json& known = presets()["clusters"];
    if (!known.contains(name))
      refuse(file, pointer,
             text_of(name) + " " + unknown_name(name, "presets", names_in(known)) + "; or a file's name");
    origins_.push_back({"", known[name], "", "preset " + name});
    return known[name];
  }

  /// A cluster that is an object, the whole file or at `pointer` of the document itself, over what it extends.
  Json over_its_base(const Json& as_written, const fs::path& file, const std::string& pointer) {
    Json own = as_written;
    const Json base = taken(own, "extends", nullptr);
    if (!base.is_null() && !base.is_string())
      refuse(file, pointer + "/extends", "is " + describe(base) + "; allowed: a preset's name or a file's");
    Json parts = parts_in(own, file, pointer);
    require_cluster_keys(own, file, pointer);
    own["parts"] = std::move(parts);
    Json below = base.is_null() ? Json::object() : cluster_of(base, file, pointer + "/extends");
    origins_.push_back({"", as_written, pointer, pointer.empty() ? file.string() : ""});
    return merged(std::move(below), own);
  }

  static void require_cluster_keys(const Json& cluster, const fs::path& file, const std::string& pointer) {
    std::vector<std::string_view> keys{"description", "source", "extends", "parts"};
    keys.insert(keys.end(), std::begin(kClusterKeys), std::end(kClusterKeys));
    std::vector<Mistake> mistakes;
    for (const auto& [key, value] : cluster.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        mistakes.push_back({pointer + "/" + pointer_token(key), unknown_name(key, "keys", keys)});
    if (!mistakes.empty()) throw InvalidConfig(file.string(), std::move(mistakes));
  }

  /// Puts the parts in place that the value uses.
  void expand(Json& value, const std::string& pointer) {
    if (value.is_array())
      for (size_t i = 0; i < value.size(); ++i) expand(value[i], pointer + "/" + std::to_string(i));
    if (!value.is_object()) return;
    if (value.contains("use")) return put_part(value, pointer);
    for (auto& [key, inner] : value.items()) expand(inner, pointer + "/" + pointer_token(key));
  }

  void put_part(Json& value, const std::string& pointer) {
    const Json use = taken(value, "use", {});
    const Json& known = presets()["parts"];
    const std::string name = use.is_string() ? use.get<std::string>() : "";
    const bool own = parts_->contains(name);
    if (!own && !known.contains(name)) {
      std::vector<std::string_view> names = names_in(*parts_);
      for (const std::string_view other : names_in(known)) names.push_back(other);
      refuse(file_, pointer + "/use", unknown_value(use, "parts", names));
    }
    if (++uses_ > kMostUses)
      refuse(file_, pointer, "is the " + std::to_string(kMostUses + 1) + "th use of a part; allowed: fewer");
    Open open(*this, name);
    Json part = own ? (*parts_)[name] : known[name]["value"];
    origins_.push_back({pointer, part, own ? "/parts/" + pointer_token(name) : "", own ? "" : "preset " + name});
    expand(part, pointer);
    for (auto& [key, inner] : value.items()) expand(inner, pointer + "/" + pointer_token(key));
    if (!part.is_object() && !value.empty())
      refuse(file_, pointer,
             "has keys beside the part " + text_of(name) + ", which is " + describe(part) + "; allowed: none");
    value = value.empty() ? std::move(part) : merged(std::move(part), value);
  }

  /// Something that is being put in place, which must not need itself.
  class Open {
   public:
    Open(Composer& composer, const std::string& name) : composer_(composer) {
      std::vector<std::string>& chain = composer.chain_;
      if (std::find(chain.begin(), chain.end(), name) != chain.end()) {
        std::string circle;
        for (const std::string& link : chain) circle += link + " → ";
        refuse(composer.file_, "", "goes round in a circle: " + circle + name + "; allowed: nothing that needs itself");
      }
      chain.push_back(name);
    }
    ~Open() { composer_.chain_.pop_back(); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    Composer& composer_;
  };

  const fs::path& file_;
  std::vector<Composition::Origin>& origins_;
  std::vector<std::string> chain_;
  const Json* parts_ = nullptr;
  size_t uses_ = 0;
};

Composition::Composition(Json document, const fs::path& file) : own_(std::move(document)) {
  document_ = own_.is_object() ? Composer(file, origins_).compose(own_) : own_;
}

Mistake Composition::written_at(Mistake mistake) const {
  const Json::json_pointer place(mistake.pointer);
  if (own_.contains(place) || origins_.empty()) return mistake;
  const Origin* from = nullptr;
  for (const Origin& origin : origins_) {
    const std::string& pointer = mistake.pointer;
    const bool inside = pointer.starts_with(origin.pointer) &&
                        (pointer.size() == origin.pointer.size() || pointer[origin.pointer.size()] == '/') &&
                        origin.value.contains(Json::json_pointer(pointer.substr(origin.pointer.size())));
    if (inside && (!from || origin.pointer.size() >= from->pointer.size())) from = &origin;
  }
  if (!from) return mistake;
  if (!from->own.empty()) return {from->own + mistake.pointer.substr(from->pointer.size()), mistake.message};
  return {mistake.pointer, mistake.message + " (in " + from->name + ")"};
}

}  // namespace experiments
