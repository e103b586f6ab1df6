/** Detects an unreachable database, so that callers are told to retry. */
import { setImmediate as nextTurn } from "node:timers/promises"

/** A caller is refused after this time without any answer from the database. */
const silenceMsMax = 1_500
const refusalMs = 1_000

/**
 * Codes of a broken connection, of a server that starts, stops or has no free connection, and of a statement that took
 * too long, as behind the locks of an upgrade: classes 08 and 57, and 53300 of PostgreSQL, and those of the system.
 */
const codes = new RegExp(
    "^(?:08...|57014|57P0[1-5]|53300|E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|NOENT|TIMEDOUT|HOSTUNREACH" +
        "|NETUNREACH|NOTFOUND|AI_AGAIN))$",
)
const texts = new RegExp(
    "^(?:Connection terminated|timeout exceeded when trying to connect|Client (?:was closed" +
        "|has encountered a connection error))",
)

const known = new WeakSet<Error>()

export const isDatabaseDown = (error: unknown): boolean => error instanceof Error && known.has(error)

/** Marks a driver's error if the database is unreachable, and throws it again. */
export function throwMarked(error: unknown): never {
    if (error instanceof Error) {
        const code = "code" in error ? String(error.code) : ""
        if (codes.test(code) || texts.test(error.message)) known.add(error)
    }
    throw error
}

export interface Liveness {
    /** Called with each answer. */
    readonly noteAnswer: () => void
    /** Runs a short wait while there is hope. Throws where the database answers no caller meanwhile. */
    readonly awaitAnswer: <T>(begin: () => Promise<T>) => Promise<T>
}

/**
 * Tracks whether the database of one pool answers. A wait is only long while others get answers. After a silence,
 * callers are refused at once for a second.
 */
export function trackLiveness(silentMs = silenceMsMax): Liveness {
    let answers = 0
    let silentAt = -Infinity
    const awaitAnswer = async <T>(work: () => Promise<T>): Promise<T> => {
        if (performance.now() - silentAt < refusalMs) throw downError()
        let timer: NodeJS.Timeout | undefined
        let isOver = false
        const silence = Promise.withResolvers<never>()
        const watchAnswers = (answersBefore: number) => {
            timer = setTimeout(() => void checkSilence(answersBefore), silentMs)
        }
        const checkSilence = async (answersBefore: number) => {
            // Answers that arrived while this process was busy are read first.
            await nextTurn()
            await nextTurn()
            if (isOver) return
            if (answers !== answersBefore) return watchAnswers(answers)
            silentAt = performance.now()
            silence.reject(downError())
        }
        watchAnswers(answers)
        return await Promise.race([work(), silence.promise]).finally(() => {
            isOver = true
            clearTimeout(timer)
        })
    }
    const noteAnswer = () => {
        answers++
        silentAt = -Infinity
    }
    return { noteAnswer, awaitAnswer }
}

function downError(): Error {
    const error = new Error("the database does not answer")
    known.add(error)
    return error
}
