/** Stops in order when the process is told to; a second signal stops at once. */

/** Resolves when the process is told to stop. */
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
