/** Coalesces concurrent calls into shared database round trips. */

export interface Gathering {
    /** Maximum number of concurrent round trips. Later calls wait for the next one. */
    readonly waysMax: number
    /** Maximum number of calls in one round trip. */
    readonly togetherMax: number
    /**
     * The next round trip waits at most this long, in milliseconds, until as many callers wait as during the last
     * one: more callers in one round trip cost less each. Absent: it does not wait.
     */
    readonly lingerMs?: number
}

/**
 * Makes a function that shares round trips among calls with the same first argument.
 *
 * `carry` returns one answer per call, in order. If `carry` throws, all calls of the round trip fail, so no single
 * call may make it throw.
 */
export function gathered<Of extends object, Ask, Answer>(
    gathering: Gathering,
    carry: (subject: Of, asks: readonly Ask[]) => Promise<readonly Answer[]>,
): (subject: Of, ask: Ask) => Promise<Answer> {
    const known = new WeakMap<Of, (ask: Ask) => Promise<Answer>>()
    return (subject, ask) => {
        const make = known.get(subject) ?? gatheredBy(gathering, (asks: readonly Ask[]) => carry(subject, asks))
        known.set(subject, make)
        return make(ask)
    }
}

function gatheredBy<Ask, Answer>(
    { waysMax, togetherMax, lingerMs }: Gathering,
    carry: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
): (ask: Ask) => Promise<Answer> {
    type Waiting = PromiseWithResolvers<Answer> & { readonly ask: Ask }
    const waiting: Waiting[] = []
    let ways = 0
    let isSetOff = false
    let expected = 0
    let patience: NodeJS.Timeout | undefined
    const expect = (count: number) => {
        if (lingerMs === undefined) return
        expected = Math.min(count, togetherMax)
        clearTimeout(patience)
        patience = setTimeout(() => {
            expected = 0
            setOff()
        }, lingerMs)
    }
    const go = async (tasks: readonly Waiting[]) => {
        ways++
        try {
            const answers = await carry(tasks.map(({ ask }) => ask))
            if (answers.length !== tasks.length)
                throw new Error("a shared round trip returned too few or too many answers")
            for (const [n, { resolve }] of tasks.entries()) resolve(answers[n] as Answer)
        } catch (error) {
            for (const { reject } of tasks) reject(error)
        } finally {
            ways--
            expect(tasks.length + waiting.length)
            setOff()
        }
    }
    // Calls of the same turn of the event loop share a round trip.
    const setOff = () => {
        if (isSetOff || ways >= waysMax || waiting.length === 0 || waiting.length < expected) return
        isSetOff = true
        setImmediate(() => {
            isSetOff = false
            void go(waiting.splice(0, togetherMax))
            setOff()
        })
    }
    return (ask) => {
        const call = { ...Promise.withResolvers<Answer>(), ask }
        waiting.push(call)
        setOff()
        return call.promise
    }
}
