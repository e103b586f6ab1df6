/** The commands of `tocsin`, each in a file of its own. */
import { Command } from "commander"
import { ackCommand } from "./cli/ack.ts"
import { bounceCommand } from "./cli/bounce.ts"
import { deletedCommand } from "./cli/deleted.ts"
import { keysCommand } from "./cli/keys.ts"
import { inquiryFiles } from "./cli/inquiry-files.ts"
import { loginCommand } from "./cli/login.ts"
import { markCommand } from "./cli/mark.ts"
import { mispCommand } from "./cli/misp.ts"
import { openCommand } from "./cli/open.ts"
import { pullCommand } from "./cli/pull.ts"
import { protectCommand } from "./cli/protect.ts"
import { resultCommand } from "./cli/result.ts"
import { sightCommand } from "./cli/sight.ts"
import { traceCommand } from "./cli/trace.ts"
import { verifyCommand } from "./cli/verify.ts"
import { agePlugins } from "./platform/plugins.ts"
import { checkFor } from "./platform/checks.ts"
import { loadParser } from "./platform/grammars.ts"
import { drawnApart, sumsApart } from "./platform/many.ts"
import { demoCommand } from "./run/demo.ts"
import { exportCommand } from "./run/export.ts"
import { initCommand } from "./run/init.ts"
import { linkCommand } from "./run/link.ts"
import { serveCommand } from "./run/serve.ts"

/** Makes the command tree. It runs nothing, so that the reference of commands can be made from it. */
export function makeCommands(env: NodeJS.ProcessEnv): Command {
    const program = new Command("tocsin")
        .description("Self-hosted early-warning system for vulnerabilities")
        .showHelpAfterError()
        .exitOverride()
    const plugins = agePlugins(env)
    demoCommand(program)
    initCommand(program)
    serveCommand(program)
    exportCommand(program)
    linkCommand(program)
    markCommand(program, { parserFor: loadParser, checkFor })
    traceCommand(program, loadParser, { drawn: drawnApart, sums: sumsApart })
    verifyCommand(program, inquiryFiles)
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
    bounceCommand(program)
    return program
}
