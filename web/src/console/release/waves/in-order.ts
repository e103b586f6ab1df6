/** Combines requests into one. Pure. */
import type { Write } from "../../../kit/api.ts"

/** Sends one request after another, each with a key of its own. Stops at the first refusal. */
export function inOrder(writes: readonly Write[]): Write {
    return {
        send: async () => {
            for (const write of writes) await write.send(crypto.randomUUID())
        },
    }
}
