# Writes the commit of the working tree at SOURCE, "-dirty" behind it where files were changed, to OUT; "unknown" without git.
execute_process(COMMAND git describe --always --dirty --abbrev=40 --exclude * WORKING_DIRECTORY "${SOURCE}"
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR commit STREQUAL "")
  set(commit "unknown")
endif()
file(WRITE "${OUT}" "${commit}\n")
