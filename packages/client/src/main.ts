/** Runs `tocsin-client`: the commands of a partner. */
import { verifyCommand } from "@tocsin/audit-log/commands/verify"
import { runCommands } from "@tocsin/base/command-line"
import { Command } from "commander"
import { ackCommand } from "./commands/ack.ts"
import { agePlugins } from "./commands/age-plugins.ts"
import { confirmDeletionCommand } from "./commands/confirm-deletion.ts"
import { exportMispCommand } from "./commands/export-misp.ts"
import { keysCommand } from "./commands/keys.ts"
import { loginCommand } from "./commands/login.ts"
import { openCommand } from "./commands/open.ts"
import { pullCommand } from "./commands/pull.ts"
import { reportProtectionCommand } from "./commands/report-protection.ts"
import { reportResultCommand } from "./commands/report-result.ts"
import { reportSightingCommand } from "./commands/report-sighting.ts"

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
confirmDeletionCommand(program)
reportResultCommand(program)
reportSightingCommand(program)
reportProtectionCommand(program)
exportMispCommand(program)
verifyCommand(program)
await runCommands(program)
