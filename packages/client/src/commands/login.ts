/**
 * `tocsin login`: tests a token, and saves it with the portal's address for later commands.
 *
 * The token comes from a file, the environment or standard input, never from an argument.
 */
import { text } from "node:stream/consumers"
import type { Command } from "commander"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type OnlineOptions,
    type World,
    runClientCommand,
    jsonLine,
    clientFor,
    onlineOptions,
    readConfig,
    realWorld,
    saveConfig,
    readToken,
} from "./connection.ts"
import { readTypedLine } from "./prompt.ts"

/** Adds the command. */
export function loginCommand(program: Command): void {
    onlineOptions(program.command("login"))
        .description("Save the address of a portal and your token. The token is read from standard input.")
        .action(async (options: OnlineOptions) => {
            process.exitCode = await login(options, realWorld, readTokenFromInput)
        })
}

/** Tests and saves a token. `promptForToken` reads the token if neither a file nor the environment gives it. */
export function login(
    options: OnlineOptions,
    world: World,
    promptForToken: (world: World) => Promise<string>,
): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const url = options.url ?? world.env["TOCSIN_URL"] ?? (await readConfig(world))?.url
        if (url === undefined) throw new UsageError("no portal address: give --url or set TOCSIN_URL")
        const token = (await readToken(options, world)) ?? (await promptForToken(world)).trim()
        if (token === "") throw new UsageError("no token on standard input: type or pipe it")
        const { person, partner } = await clientFor({ url, token }, options, world).loadAccount()
        const config = await saveConfig(world, { url, token })
        const account = { url, config, person: person.name, partner: partner.name, status: partner.status }
        if (options.json) world.result(jsonLine(account))
        else world.result(`signed in at ${url} as ${person.name} of ${partner.name} (${partner.status})`)
        world.message(`saved in \`${config}\`, which only you can read`)
        return 0
    })
}

/** Reads the token from a pipe, or typed without an echo. */
async function readTokenFromInput(world: World): Promise<string> {
    if (!process.stdin.isTTY) return await text(process.stdin)
    world.message("paste your token and press Enter (it is not shown)")
    return (await readTypedLine(process.stdin, null)) ?? ""
}
