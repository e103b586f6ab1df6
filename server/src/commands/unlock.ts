/**
 * Runs `tocsin unlock`: gives a passphrase or a share to the servers that wait for it. A server with a locked key file
 * listens on a socket next to the key file, which only its user can open.
 */
import fs from "node:fs"
import net from "node:net"
import path from "node:path"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import type { Log } from "../platform/log/log.ts"
import type { OfferResult, Unlocking } from "../platform/crypto/key-lock.ts"
import { type Unlock, countOf } from "./key.ts"
import { type ProgramFlags, settingsFrom, withProgramFlags } from "./processes.ts"
import { openSecretReader } from "./secret-reader.ts"

const secretBytesMax = 1024
const waitMs = 30_000

/** The longest path of a socket that every system takes. */
const socketPathMax = 100

const socketsPrefix = (keyFile: string): string => `${path.basename(keyFile)}.unlock-`

/**
 * Makes the function that waits at the socket until the key file is unlocked. `stopped` ends the wait. Refuses
 * `unlock.stopped` and `unlock.path_too_long`.
 */
export function unlockAtSocket(keyFile: string, log: Log, stopped: Promise<unknown>): Unlock {
    return async (unlocking) => {
        const socket = path.join(path.dirname(path.resolve(keyFile)), `${socketsPrefix(keyFile)}${process.pid}`)
        if (Buffer.byteLength(socket) > socketPathMax) {
            refuse("invalid", "unlock.path_too_long", `the path \`${socket}\` is too long: move the key file`)
        }
        const opened = Promise.withResolvers<string>()
        const server = net.createServer({ allowHalfOpen: true }, (connection) => {
            void answer(connection, unlocking).then((result) => {
                if (result?.state === "open") opened.resolve(result.text)
            })
        })
        if (fs.existsSync(socket) && fs.lstatSync(socket).isSocket()) fs.rmSync(socket)
        server.listen(socket)
        await once(server, "listening")
        fs.chmodSync(socket, 0o600)
        log.warn("the key file is locked: run `tocsin unlock`", { kind: unlocking.lock.kind })
        try {
            const result = await Promise.race([opened.promise, stopped.then(() => null)])
            if (result === null)
                refuse("conflict", "unlock.stopped", "stopped before the key file was unlocked: start again")
            log.info("the key file is unlocked")
            return result
        } finally {
            server.close()
        }
    }
}

/** Takes what one connection offers, and answers with the result as a word, without the key. */
async function answer(connection: net.Socket, unlocking: Unlocking): Promise<OfferResult | null> {
    connection.setTimeout(waitMs, () => connection.destroy())
    try {
        let secret = ""
        for await (const piece of connection.setEncoding("utf8")) {
            secret += String(piece)
            if (secret.length > secretBytesMax) return null
        }
        const result = await unlocking.offer(secret)
        connection.end(JSON.stringify(result.state === "open" ? { state: "open" } : result))
        return result
    } catch {
        return null
    } finally {
        if (!connection.writableEnded) connection.destroy()
    }
}

/** Adds `tocsin unlock` to the program. */
export function unlockCommand(program: Command): void {
    const command = program
        .command("unlock")
        .description("Give the passphrase, or one share, of the key file to the servers that wait for it")
    withProgramFlags(command).action(runUnlock)
}

async function runUnlock(flags: ProgramFlags): Promise<void> {
    const { keyFile } = settingsFrom(flags)
    const reader = openSecretReader()
    const secret = await reader.next("Passphrase or share: ").finally(() => reader.close())
    if (secret === null) refuse("missing", "unlock.no_secret", "nothing was given: type it, or give it as a line")
    const results = await offerToServers(keyFile, secret)
    for (const result of results)
        if (result.state !== "wrong")
            process.stdout.write(`${result.state === "open" ? "Unlocked" : countOf(result)}\n`)
    const wrong = results.find((result) => result.state === "wrong")
    if (wrong !== undefined) refuse("forbidden", "unlock.wrong", wrong.reason)
}

/** Offers a passphrase or a share to each server that waits for this key file. Refuses `unlock.not_waiting`. */
export async function offerToServers(keyFile: string, secret: string): Promise<readonly Answer[]> {
    const answers = await Promise.all(listSockets(keyFile).map((socket) => offerTo(socket, secret)))
    const given = answers.filter((answer) => answer !== null)
    if (given.length === 0) refuse("missing", "unlock.not_waiting", "no server waits for this key file")
    return given
}

function listSockets(keyFile: string): readonly string[] {
    const folder = path.dirname(path.resolve(keyFile))
    const prefix = socketsPrefix(keyFile)
    const names = fs.existsSync(folder) ? fs.readdirSync(folder) : []
    return names
        .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
        .map((name) => path.join(folder, name))
        .filter((file) => isSocketOf(file, fs.statSync(keyFile).uid))
}

/** Another user's socket must not get a secret, and a file that is no socket must not be removed. */
function isSocketOf(file: string, owner: number): boolean {
    const stats = fs.lstatSync(file)
    return stats.isSocket() && (stats.uid === owner || stats.uid === 0)
}

type Answer = Exclude<OfferResult, { state: "open" }> | { readonly state: "open" }

/** Offers a secret at one socket. Null: its server has ended, and the socket is removed. */
async function offerTo(socket: string, secret: string): Promise<Answer | null> {
    const connection = net.connect({ path: socket, allowHalfOpen: true })
    connection.setTimeout(waitMs, () => connection.destroy())
    try {
        await once(connection, "connect")
        connection.end(secret)
        return JSON.parse(await text(connection)) as Answer
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") fs.rmSync(socket)
        return null
    } finally {
        connection.destroy()
    }
}
