/** The program of a thread: one piece of work after the other, each answered with what it gave or why it failed. */
import { parentPort } from "node:worker_threads"
import type { Answer, Asked } from "./crew.ts"
import { works } from "./works.ts"

parentPort?.on("message", ({ work, of }: Asked) => {
    parentPort?.postMessage(answerTo(work, of))
})

function answerTo(work: Asked["work"], of: unknown): Answer {
    try {
        return { gave: (works[work] as (of: unknown) => unknown)(of) }
    } catch (error) {
        return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
}
