#include "models/input_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using models::not_a_file;
namespace fs = std::filesystem;

TEST_CASE("only a regular file, or a link to one, is a file to read; everything else is told by what it is") {
  const TempDirectory folder;
  const fs::path file = folder.write("file", "x");
  CHECK(not_a_file(file) == "");
  fs::create_symlink(file, folder.path() / "link");
  CHECK(not_a_file(folder.path() / "link") == "");
  CHECK(not_a_file(folder.path() / "none") == "does not exist");
  CHECK(not_a_file(file / "below") == "does not exist");
  CHECK(not_a_file(folder.path()) == "is a directory");
  fs::create_symlink("/dev/zero", folder.path() / "zero");
  CHECK(not_a_file(folder.path() / "zero") == "is not a regular file but a device");
  REQUIRE(mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(not_a_file(folder.path() / "pipe") == "is not a regular file but a pipe");
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder.path() / "socket").c_str(), sizeof address.sun_path - 1);
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(not_a_file(folder.path() / "socket") == "is not a regular file but a socket");
  close(listener);
  fs::create_symlink("circle", folder.path() / "circle");
  CHECK_THAT(not_a_file(folder.path() / "circle"), Catch::StartsWith("cannot be read: "));
}
