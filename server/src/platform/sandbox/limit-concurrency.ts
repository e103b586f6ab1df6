/** Limits how much work runs at once: the rest waits in the order in which it came. */
export function limitConcurrency(max: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
    const waiting: (() => void)[] = []
    let running = 0
    return async (work) => {
        if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve))
        else running++
        try {
            return await work()
        } finally {
            const next = waiting.shift()
            if (next) next()
            else running--
        }
    }
}
