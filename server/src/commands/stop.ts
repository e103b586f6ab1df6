/** Stops a process in order on a signal, and at once on the second. */

/** Resolves on the first signal. */
export async function untilStopped(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.once(signal, () => {
            process.once(signal, () => process.exit(130))
            resolve()
        })
    }
    await promise
}

/** A signal that is aborted when the process is asked to stop. */
export function stopSignal(): AbortSignal {
    const stopping = new AbortController()
    void untilStopped().then(() => stopping.abort())
    return stopping.signal
}
