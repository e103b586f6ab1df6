/** One way to the database and back for all who ask for the same thing at about the same time. */

export interface Gathering {
    /** Of those ways, under way at once. Who asks meanwhile goes together with the others who do. */
    readonly waysMax: number
    /** Who goes together. */
    readonly togetherMax: number
    /**
     * The next round trip waits at most this long, in milliseconds, until as many callers wait as during the last one: more callers
     * in one round trip cost less each. Absent: it does not wait.
     */
    readonly lingerMs?: number
}

/**
 * `carry` answers each in the order asked. Where it fails it fails for all who went together: nothing that one of them says may make
 * it fail. Who goes together asks the same `of`.
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
            if (answers.length !== tasks.length) throw new Error("not everybody was answered")
            for (const [n, { resolve }] of tasks.entries()) resolve(answers[n] as Answer)
        } catch (error) {
            for (const { reject } of tasks) reject(error)
        } finally {
            ways--
            expect(tasks.length + waiting.length)
            setOff()
        }
    }
    // What comes in the same turn of the process goes together.
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
        const input = { ...Promise.withResolvers<Answer>(), ask }
        waiting.push(input)
        setOff()
        return input.promise
    }
}
