/**
 * `tocsin login`: tests a token or a machine client, and saves it with the portal's address for later commands.
 *
 * The token comes from a file, the environment or standard input, never from an argument.
 */
import { resolve } from "node:path"
import { text } from "node:stream/consumers"
import type { Command } from "commander"
import { type ExitCode, UsageError } from "@tocsin/base/command-line"
import {
    type Config,
    type OnlineOptions,
    type World,
    runClientCommand,
    jsonLine,
    clientFor,
    dpopKeyPath,
    onlineOptions,
    readConfig,
    realWorld,
    saveConfig,
    readToken,
} from "./connection.ts"
import { readTypedLine } from "./prompt.ts"

interface LoginOptions extends OnlineOptions {
    readonly client?: string | undefined
    readonly key?: string | undefined
}

/** Adds the command. */
export function loginCommand(program: Command): void {
    onlineOptions(program.command("login"))
        .description("Save the address of a portal and your token. The token is read from standard input.")
        .option("--client <id>", "sign in as this machine client, in place of a token")
        .option("--key <file>", "the private key of the machine client")
        .action(async (options: LoginOptions) => {
            process.exitCode = await login(options, realWorld, readTokenFromInput)
        })
}

/**
 * Tests and saves a token or a machine client. `promptForToken` reads the token if neither a file nor the environment
 * gives it.
 */
export function login(
    options: LoginOptions,
    world: World,
    promptForToken: (world: World) => Promise<string>,
): Promise<ExitCode> {
    return runClientCommand(world, async () => {
        const url = options.url ?? world.env["TOCSIN_URL"] ?? (await readConfig(world))?.url
        if (url === undefined) throw new UsageError("no portal address: give --url or set TOCSIN_URL")
        const settings: Config = {
            url,
            ...(clientIn(options) ?? { token: await loadToken(options, world, promptForToken) }),
            dpopKey: dpopKeyPath(options, world),
        }
        const { person, partner } = await (await clientFor(settings, options, world)).loadAccount()
        const config = await saveConfig(world, settings)
        const account = { url, config, person: person.name, partner: partner.name, status: partner.status }
        if (options.json) world.result(jsonLine(account))
        else world.result(`signed in at ${url} as ${person.name} of ${partner.name} (${partner.status})`)
        world.message(`saved in \`${config}\`, which only you can read`)
        return 0
    })
}

/** The machine client that the options name; null if they name none. */
function clientIn({ client: id, key, tokenFile }: LoginOptions): Pick<Config, "client"> | null {
    if (id === undefined && key === undefined) return null
    if (id === undefined || key === undefined) throw new UsageError("a machine client needs --client and --key")
    if (tokenFile !== undefined) throw new UsageError("give --token-file or --client, not both")
    return { client: { id, key: resolve(key) } }
}

async function loadToken(
    options: OnlineOptions,
    world: World,
    promptForToken: (world: World) => Promise<string>,
): Promise<string> {
    const token = (await readToken(options, world)) ?? (await promptForToken(world)).trim()
    if (token === "") throw new UsageError("no token on standard input: type or pipe it")
    return token
}

/** Reads the token from a pipe, or typed without an echo. */
async function readTokenFromInput(world: World): Promise<string> {
    if (!process.stdin.isTTY) return await text(process.stdin)
    world.message("paste your token and press Enter (it is not shown)")
    return (await readTypedLine(process.stdin, null)) ?? ""
}
