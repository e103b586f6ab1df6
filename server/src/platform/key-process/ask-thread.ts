/** The thread of `ask-now.ts`. */
import { type MessagePort, parentPort } from "node:worker_threads"
import { type KeyRequest, exchange } from "./ask.ts"

export interface Question {
    readonly socket: string
    readonly request: KeyRequest
    readonly msMax: number
    readonly answered: Int32Array
    readonly port: MessagePort
}

parentPort?.on("message", ({ socket, request, msMax, answered, port }: Question) => {
    void exchange(socket, request, msMax).then((answer) => {
        port.postMessage(answer)
        Atomics.store(answered, 0, 1)
        Atomics.notify(answered, 0)
    })
})
