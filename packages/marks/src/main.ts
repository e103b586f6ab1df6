/** `tocsin-marks`: marks copies of a text and traces a leak, without a server. */
import { runCommands } from "@tocsin/base/command-line"
import { Command } from "commander"
import { markCommand } from "./commands/mark.ts"
import { checkFor } from "./commands/run-check.ts"
import { traceCommand } from "./commands/trace.ts"
import { loadParser } from "./grammars.ts"

const program = new Command("tocsin-marks")
    .description("Mark copies of a text, and trace a leak to a copy")
    .showHelpAfterError()
    .exitOverride()
markCommand(program, { parserFor: loadParser, checkFor })
traceCommand(program, loadParser)
await runCommands(program)
