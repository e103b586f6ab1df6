/** Queues work fairly, so that no side and no caller takes the capacity of the others. */

export interface QueueLimits {
    /** Maximum at once, for all names together. */
    readonly runningMax: number
    readonly runningPerNameMax: number
    /** Maximum waiting work of one name. More throws with status 503. */
    readonly waitingPerNameMax: number
}

/** The places of each side and of credential lookups, so that none takes the connections of the others. */
export const queueLimits = {
    portal: { runningMax: 8, runningPerNameMax: 2, waitingPerNameMax: 100 },
    console: { runningMax: 8, runningPerNameMax: 4, waitingPerNameMax: 1000 },
    lookups: { runningMax: 2, runningPerNameMax: 2, waitingPerNameMax: 1000 },
    /** Requests that share one transaction, which takes one place of its side. */
    sharing: { runningMax: 32, runningPerNameMax: 2, waitingPerNameMax: 100 },
} as const satisfies Record<string, QueueLimits>

/**
 * Runs work under a name. `continues`: the work continues admitted work, so it is the first of its name and is never
 * refused.
 */
export type RunQueued = <T>(name: string, work: () => Promise<T>, continues?: "continued") => Promise<T>

interface QueuedTask {
    readonly name: string
    readonly start: () => void
}

/**
 * Makes a queue with limits in total and per name. Next is the name with the least running work, then the earliest.
 */
export function makeFairQueue({ runningMax, runningPerNameMax, waitingPerNameMax }: QueueLimits): RunQueued {
    const runningByName = new Map<string, number>()
    const queue: QueuedTask[] = []
    let free = runningMax
    const runningOf = (name: string) => runningByName.get(name) ?? 0
    const occupy = (name: string) => {
        free--
        runningByName.set(name, runningOf(name) + 1)
    }
    const startWaiting = () => {
        while (free > 0) {
            const next = nextOf(queue, runningOf, runningPerNameMax)
            if (!next) return
            queue.splice(queue.indexOf(next), 1)
            occupy(next.name)
            next.start()
        }
    }
    const release = (name: string) => {
        free++
        if (runningOf(name) === 1) runningByName.delete(name)
        else runningByName.set(name, runningOf(name) - 1)
        startWaiting()
    }
    const waitForPlace = async (name: string, continues: boolean) => {
        if (free > 0 && runningOf(name) < runningPerNameMax) return occupy(name)
        if (!continues && !(queue.filter((task) => task.name === name).length < waitingPerNameMax))
            throw overloadError(503)
        await new Promise<void>((resolve) => queue[continues ? "unshift" : "push"]({ name, start: resolve }))
    }
    return async (name, work, continues) => {
        await waitForPlace(name, continues !== undefined)
        try {
            return await work()
        } finally {
            release(name)
        }
    }
}

function nextOf(
    queue: readonly QueuedTask[],
    runningOf: (name: string) => number,
    runningPerNameMax: number,
): QueuedTask | null {
    let next: QueuedTask | null = null
    for (const task of queue) {
        const fewest = next === null ? runningPerNameMax : runningOf(next.name)
        if (runningOf(task.name) < fewest) next = task
    }
    return next
}

export type RunCounted = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** Makes a counter that limits running work per name. More throws with status 429. */
export function limitPerName(max: number): RunCounted {
    const runningByName = new Map<string, number>()
    return async (name, work) => {
        const running = runningByName.get(name) ?? 0
        if (!(running < max)) throw overloadError(429)
        runningByName.set(name, running + 1)
        try {
            return await work()
        } finally {
            const left = (runningByName.get(name) ?? 1) - 1
            if (left === 0) runningByName.delete(name)
            else runningByName.set(name, left)
        }
    }
}

const overloadError = (statusCode: number): Error => Object.assign(new Error("too much at once"), { statusCode })
