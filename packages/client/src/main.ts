/** Runs `tocsin-client`: the commands of a partner. */
import { verifyCommand } from "@tocsin/audit-log/commands/verify"
import { runCommands } from "@tocsin/base/command-line"
import { Command } from "commander"
import { ackCommand } from "./commands/ack.ts"
import { agePlugins } from "./commands/age-plugins.ts"
import { deletedCommand } from "./commands/confirm-deletion.ts"
import { mispCommand } from "./commands/export-misp.ts"
import { keysCommand } from "./commands/keys.ts"
import { loginCommand } from "./commands/login.ts"
import { openCommand } from "./commands/open.ts"
import { pullCommand } from "./commands/pull.ts"
import { protectCommand } from "./commands/report-protection.ts"
import { resultCommand } from "./commands/report-result.ts"
import { sightCommand } from "./commands/report-sighting.ts"

const program = new Command("tocsin-client")
    .description("Fetch, open and acknowledge warnings, and report back")
    .showHelpAfterError()
    .exitOverride()
const plugins = agePlugins(process.env)
loginCommand(program)
keysCommand(program, plugins)
pullCommand(program)
openCommand(program, plugins)
ackCommand(program)
deletedCommand(program)
resultCommand(program)
sightCommand(program)
protectCommand(program)
mispCommand(program)
verifyCommand(program)
await runCommands(program)
