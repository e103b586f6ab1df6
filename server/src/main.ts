/** Runs one `tocsin` command: results on stdout, messages on stderr. */
import { runCommands } from "@tocsin/base/command-line"
import { makeCommands } from "./command-line.ts"

await runCommands(makeCommands(process.env))
