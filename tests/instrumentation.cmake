# What STRAGGLE_SANITIZE and STRAGGLE_FUZZ add to every target: docs/testing.md.
function(add_instrumentation)
  target_compile_options(straggle_flags INTERFACE ${ARGN})
  target_link_options(straggle_flags INTERFACE ${ARGN})
endfunction()

if(NOT STRAGGLE_SANITIZE MATCHES "^(address|thread)?$")
  message(FATAL_ERROR "STRAGGLE_SANITIZE is \"${STRAGGLE_SANITIZE}\"; allowed: empty, address, thread")
endif()
if(STRAGGLE_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "STRAGGLE_FUZZ needs libFuzzer, which comes with clang: -DCMAKE_CXX_COMPILER=clang++")
endif()

if(STRAGGLE_SANITIZE STREQUAL "address")
  # A double that does not fit an integer is undefined too, and not among clang's "undefined".
  add_instrumentation(-fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all)
elseif(STRAGGLE_SANITIZE STREQUAL "thread")
  add_instrumentation(-fsanitize=thread)
endif()
if(STRAGGLE_SANITIZE)
  target_compile_options(straggle_flags INTERFACE -fno-omit-frame-pointer)
  target_compile_definitions(straggle_flags INTERFACE _GLIBCXX_ASSERTIONS)  # indices of vectors, spans and strings
endif()
if(STRAGGLE_FUZZ)
  target_compile_options(straggle_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
