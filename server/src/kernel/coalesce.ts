/** Coalesces concurrent calls into shared database round trips. */

export interface CoalesceLimits {
    /** Maximum number of concurrent round trips. Later calls wait for the next one. */
    readonly roundTripsMax: number
    /** Maximum number of calls in one round trip. */
    readonly callsMax: number
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
export function coalesce<Target extends object, Input, Answer>(
    limits: CoalesceLimits,
    runTogether: (target: Target, inputs: readonly Input[]) => Promise<readonly Answer[]>,
): (target: Target, input: Input) => Promise<Answer> {
    const byTarget = new WeakMap<Target, (input: Input) => Promise<Answer>>()
    return (target, input) => {
        const call =
            byTarget.get(target) ?? coalesceCalls(limits, (inputs: readonly Input[]) => runTogether(target, inputs))
        byTarget.set(target, call)
        return call(input)
    }
}

function coalesceCalls<Input, Answer>(
    { roundTripsMax, callsMax, lingerMs }: CoalesceLimits,
    runTogether: (inputs: readonly Input[]) => Promise<readonly Answer[]>,
): (input: Input) => Promise<Answer> {
    type WaitingCall = PromiseWithResolvers<Answer> & { readonly input: Input }
    const queue: WaitingCall[] = []
    let roundTrips = 0
    let isScheduled = false
    let expected = 0
    let lingerTimer: NodeJS.Timeout | undefined
    const waitForCallers = (count: number) => {
        if (lingerMs === undefined) return
        expected = Math.min(count, callsMax)
        clearTimeout(lingerTimer)
        lingerTimer = setTimeout(() => {
            expected = 0
            schedule()
        }, lingerMs)
    }
    const runRoundTrip = async (calls: readonly WaitingCall[]) => {
        roundTrips++
        try {
            const answers = await runTogether(calls.map(({ input }) => input))
            if (answers.length !== calls.length)
                throw new Error("a shared round trip returned too few or too many answers")
            for (const [n, { resolve }] of calls.entries()) resolve(answers[n] as Answer)
        } catch (error) {
            for (const { reject } of calls) reject(error)
        } finally {
            roundTrips--
            waitForCallers(calls.length + queue.length)
            schedule()
        }
    }
    // Calls of the same turn of the event loop share a round trip.
    const schedule = () => {
        if (isScheduled || roundTrips >= roundTripsMax || queue.length === 0 || queue.length < expected) return
        isScheduled = true
        setImmediate(() => {
            isScheduled = false
            void runRoundTrip(queue.splice(0, callsMax))
            schedule()
        })
    }
    return (input) => {
        const call = { ...Promise.withResolvers<Answer>(), input }
        queue.push(call)
        schedule()
        return call.promise
    }
}
