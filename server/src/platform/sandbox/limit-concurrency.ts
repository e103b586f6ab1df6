/** Limits how much work runs at once. Other work waits in order of arrival. */
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
