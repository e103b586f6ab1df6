/** Listens for other processes, at one socket for each role: the group of its folder decides who may open it. */
import { once } from "node:events"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"
import { type KeyRole, keyRoles } from "../../models/key-rights.ts"
import { MissingHalf } from "../crypto/keys.ts"
import { type Log, causeOf, oncePerMinute } from "../log/log.ts"
import { type KeyAnswer, NotForRole, socketOf } from "./ask.ts"

const connectionsMax = 256
const askMsMax = 5_000
const requestBytesMax = 64 * 1024
/** The worker writes the high-water file. */
const workerBytesMax = 128 * 1024 * 1024
/** The longest path of a socket that every system takes. */
const socketPathMax = 100

/** Answers a request that can have any form. */
export type AnswerRequest = (role: KeyRole, request: Record<string, unknown>) => Promise<unknown>

type LogFailure = (role: KeyRole, error: string) => void

/** Makes the folders of the sockets where they are missing. Refuses `keys.folder_open` and `keys.folder_long`. */
export function makeSocketFolders(folder: string): void {
    makeFolder(folder, 0o711)
    for (const role of keyRoles) {
        const socket = path.resolve(socketOf(folder, role))
        if (Buffer.byteLength(socket) > socketPathMax)
            refuse("invalid", "keys.folder_long", `the path \`${socket}\` is too long: set another \`keyProcess\``)
        makeFolder(path.dirname(socket), 0o750)
    }
}

/** Opens the sockets, and returns what closes them. */
export async function listenForRoles(
    folder: string,
    answer: AnswerRequest,
    { log, realNow }: { readonly log: Log; readonly realNow: () => number },
): Promise<() => void> {
    const logSeldom = oncePerMinute(realNow)
    const logFailure = (role: KeyRole, error: string) =>
        logSeldom(`${role} ${error}`, () => log.error("a key request failed", { role, error }))
    const servers: net.Server[] = []
    const closeAll = () => servers.forEach((server) => server.close())
    try {
        for (const role of keyRoles) {
            const socket = path.resolve(socketOf(folder, role))
            fs.rmSync(socket, { force: true })
            const server = net.createServer({ allowHalfOpen: true }, (connection) => {
                void serve(connection, (request) => answer(role, request), role, logFailure)
            })
            servers.push(server)
            server.maxConnections = connectionsMax
            server.listen(socket)
            await once(server, "listening")
            fs.chmodSync(socket, 0o660)
        }
    } catch (error) {
        closeAll()
        throw error
    }
    return closeAll
}

/** A user that can write to the folder can put a socket of its own there. */
function makeFolder(folder: string, mode: number): void {
    fs.mkdirSync(folder, { recursive: true, mode })
    const stats = fs.statSync(folder)
    const isOurs = stats.uid === (process.geteuid?.() ?? stats.uid) || stats.uid === 0
    if (isOurs && stats.isDirectory() && (stats.mode & 0o022) === 0) return
    refuse(
        "forbidden",
        "keys.folder_open",
        `others can write to \`${folder}\`: only its owner may, who must be this user or root`,
    )
}

async function serve(
    connection: net.Socket,
    answer: (request: Record<string, unknown>) => Promise<unknown>,
    role: KeyRole,
    logFailure: LogFailure,
): Promise<void> {
    const timer = setTimeout(() => connection.destroy(), askMsMax)
    connection.on("error", () => undefined)
    try {
        const bytes = await readAll(connection, role === "worker" ? workerBytesMax : requestBytesMax)
        clearTimeout(timer)
        if (bytes !== null) connection.end(JSON.stringify(await answerTo(bytes, answer, role, logFailure)))
    } catch {
        // The other process has closed the connection.
    } finally {
        clearTimeout(timer)
        if (!connection.writableEnded) connection.destroy()
    }
}

async function readAll(connection: net.Socket, bytesMax: number): Promise<Buffer | null> {
    const pieces: Buffer[] = []
    let bytes = 0
    const iterator = connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    for await (const piece of iterator) {
        bytes += piece.length
        if (bytes > bytesMax) return null
        pieces.push(piece)
    }
    return Buffer.concat(pieces)
}

async function answerTo(
    bytes: Buffer,
    answer: (request: Record<string, unknown>) => Promise<unknown>,
    role: KeyRole,
    logFailure: LogFailure,
): Promise<KeyAnswer> {
    try {
        const request: unknown = JSON.parse(bytes.toString("utf8"))
        if (typeof request !== "object" || request === null) throw new Error("a request is an object")
        return { value: (await answer(request as Record<string, unknown>)) ?? null }
    } catch (error) {
        if (error instanceof MissingHalf) return { failed: "missing_half" }
        if (error instanceof NotForRole) return { failed: "not_for_role" }
        logFailure(role, causeOf(error))
        return { failed: "failed" }
    }
}
