/** `tocsin witness`: signs the checkpoints of logs that only grow. */
import fs from "node:fs"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { formatNoteKey } from "../../note-keys.ts"
import { parseWitnessPolicy } from "../../witness-policy.ts"
import { type WitnessServer, serveWitness } from "./serve.ts"
import { openWitnessKeys } from "./witness.ts"

interface WitnessOptions {
    readonly name?: string
    readonly logs?: string
    readonly host: string
    readonly port: string
}

export interface WitnessIo {
    readonly result: (line: string) => void
    readonly message: (line: string) => void
    readonly realNow: () => number
}

const processIo: WitnessIo = {
    result: (line) => process.stdout.write(`${line}\n`),
    message: (line) => process.stderr.write(`${line}\n`),
    realNow: Date.now,
}

/** Adds the command `witness` to a program. */
export function witnessCommand(program: Command): void {
    program
        .command("witness")
        .description(
            "Sign the checkpoints of logs that only grow, as a witness (C2SP tlog-witness). Without --logs, print " +
                "the keys of the witness.",
        )
        .argument("<folder>", "folder for the keys and the newest checkpoint of each log")
        .option("--name <name>", "the name of the witness, like `witness.example.org/w1`; with the first start")
        .option("--logs <file>", "file with a line `log KEY` for each log (C2SP tlog-policy, `quorum none`)")
        .option("--host <address>", "address to listen on", "127.0.0.1")
        .option("--port <port>", "port to listen on", "8444")
        .action(async (folder: string, options: WitnessOptions) => {
            const server = await startWitness(folder, options, processIo)
            for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server?.stop())
        })
}

/** Prints the keys, and serves where logs are given. Refuses `witness.…`, `witness_policy.…` and `witness.no_port`. */
export async function startWitness(
    folder: string,
    { name, logs: file, host, port }: WitnessOptions,
    io: WitnessIo,
): Promise<WitnessServer | null> {
    const keys = await openWitnessKeys(folder, name)
    for (const key of [keys.ed25519, keys.mlDsa44]) io.result(formatNoteKey(key))
    if (file === undefined) return null
    const logs = parseWitnessPolicy(readLogs(file)).logs.map(({ key }) => key)
    const witness = { dir: folder, keys, logs, realNow: io.realNow }
    const address = { host, port: Number(port) }
    const server = await serveWitness(witness, address, (error) => io.message(`witness: ${String(error)}`)).catch(
        (error: unknown) => {
            if (!(error instanceof Error && "code" in error)) throw error
            return refuse("conflict", "witness.no_port", `port \`${port}\` cannot be opened: choose another port`)
        },
    )
    io.message(`witness: signs ${logs.length} logs on ${host}:${server.port}`)
    return server
}

function readLogs(file: string): Buffer {
    try {
        return fs.readFileSync(file)
    } catch {
        return refuse("missing", "witness.no_logs", `\`${file}\` cannot be read: give the file with the logs`)
    }
}
