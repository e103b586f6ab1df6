/**
 * Asks the key process and waits, so that a derived key or a signature needs no promise: ids are derived deep in what
 * renders answers. A thread talks to the socket. Derived keys are kept, so this is rare.
 */
import { once } from "node:events"
import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads"
import { type KeyAnswer, type KeyRequest, valueOf } from "./ask.ts"
import type { Question } from "./ask-thread.ts"

const msMax = 2_000
/** The thread ends its own wait first. */
const graceMs = 500
/** After no answer, the next requests are refused for so long, so that the process does not wait all the time. */
const refusingMs = 5_000

const entry = new URL(import.meta.url.endsWith(".ts") ? "./ask-thread.ts" : "./ask-thread.js", import.meta.url)

export type AskNow = (request: KeyRequest) => unknown

/** Starts the thread. What it returns refuses what `ask` refuses. */
export async function openAskNow(socket: string): Promise<AskNow> {
    const thread = new Worker(entry, { env: {} })
    await once(thread, "online")
    thread.unref()
    let refusesUntil = 0
    return (request) => {
        if (performance.now() < refusesUntil) return valueOf(null)
        const { port1, port2 } = new MessageChannel()
        const answered = new Int32Array(new SharedArrayBuffer(4))
        const question: Question = { socket, request, msMax, answered, port: port2 }
        thread.postMessage(question, [port2])
        Atomics.wait(answered, 0, 0, msMax + graceMs)
        const received = receiveMessageOnPort(port1) as { readonly message: KeyAnswer | null } | undefined
        port1.close()
        const answer = received?.message ?? null
        if (answer === null) refusesUntil = performance.now() + refusingMs
        return valueOf(answer)
    }
}
