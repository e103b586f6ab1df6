/** Assembles the commands of `tocsin`. */
import { Command } from "commander"
import { ackCommand } from "@tocsin/client/commands/ack"
import { backupCommand } from "./commands/backup.ts"
import { bounceCommand } from "./commands/receive-bounce.ts"
import { confirmDeletionCommand } from "@tocsin/client/commands/confirm-deletion"
import { keysCommand } from "@tocsin/client/commands/keys"
import { inquiryFiles } from "@tocsin/marks/commands/inquiry-files"
import { loginCommand } from "@tocsin/client/commands/login"
import { markCommand } from "@tocsin/marks/commands/mark"
import { exportMispCommand } from "@tocsin/client/commands/export-misp"
import { openCommand } from "@tocsin/client/commands/open"
import { pullCommand } from "@tocsin/client/commands/pull"
import { reportProtectionCommand } from "@tocsin/client/commands/report-protection"
import { reportResultCommand } from "@tocsin/client/commands/report-result"
import { reportSightingCommand } from "@tocsin/client/commands/report-sighting"
import { traceCommand } from "@tocsin/marks/commands/trace"
import { verifyCommand } from "@tocsin/audit-log/commands/verify"
import { witnessCommand } from "@tocsin/audit-log/commands/witness/command"
import { agePlugins } from "@tocsin/client/commands/age-plugins"
import { checkFor } from "@tocsin/marks/commands/run-check"
import { loadParser } from "@tocsin/marks/grammars"
import { computeRowsInThreads, computeSumsInThreads } from "./platform/sandbox/parallel-scores.ts"
import { demoCommand } from "./commands/demo.ts"
import { exportCommand } from "./commands/export.ts"
import { initCommand } from "./commands/init.ts"
import { lockKeyCommand } from "./commands/lock-key.ts"
import { linkCommand } from "./commands/sign-in-link.ts"
import { rotateKeyCommand } from "./commands/rotate-key.ts"
import { restoreCommand } from "./commands/restore.ts"
import { serveCommand } from "./commands/serve.ts"
import { testAlarmCommand } from "./commands/alarm-receiver.ts"
import { unlockCommand } from "./commands/unlock.ts"
import { upgradeCommand } from "./commands/upgrade.ts"

/** Makes the command tree and runs nothing, so that the command reference can be generated from it. */
export function makeCommands(env: NodeJS.ProcessEnv): Command {
    const program = new Command("tocsin")
        .description("Self-hosted early-warning system for vulnerabilities")
        .showHelpAfterError()
        .exitOverride()
        // Flags after `tocsin backup verify` are its own, not those of `backup`.
        .enablePositionalOptions()
    const plugins = agePlugins(env)
    demoCommand(program)
    initCommand(program)
    serveCommand(program)
    exportCommand(program)
    backupCommand(program)
    restoreCommand(program)
    upgradeCommand(program)
    testAlarmCommand(program)
    lockKeyCommand(program)
    rotateKeyCommand(program)
    unlockCommand(program)
    linkCommand(program)
    markCommand(program, { parserFor: loadParser, checkFor })
    traceCommand(program, loadParser, { generateRows: computeRowsInThreads, sums: computeSumsInThreads })
    verifyCommand(program, inquiryFiles)
    witnessCommand(program)
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
    bounceCommand(program)
    return program
}
