# Rewrites what the program knows of its experiment files: the JSON Schema, and the keys at the end of
# docs/experiment_format.md. Run by the target "docs" with STRAGGLE, the program, and SOURCE.
foreach(what schema format)
  execute_process(COMMAND "${STRAGGLE}" ${what} OUTPUT_VARIABLE ${what} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
set(manual "${SOURCE}/docs/experiment_format.md")
file(READ "${manual}" text)
string(FIND "${text}" "### `/`" keys)
if(keys EQUAL -1)
  message(FATAL_ERROR "${manual}: has no heading \"### `/`\" for the keys to stand under")
endif()
string(SUBSTRING "${text}" 0 ${keys} prose)
file(WRITE "${manual}" "${prose}${format}")
file(WRITE "${SOURCE}/experiments/experiment.schema.json" "${schema}")
