/** Cryptographic randomness, drawn from the system by the kilobyte: to ask it for a few bytes takes as long as to hash a page. */
import { randomBytes } from "node:crypto"

const poolBytes = 4096
/** What is longer is drawn by itself. */
const fewBytes = 64

/** Each byte is given once, and kept nowhere. */
export function chance(draw: (bytes: number) => Buffer = randomBytes): (bytes: number) => Buffer {
    let pool: Buffer = Buffer.alloc(0)
    let given = 0
    return (bytes) => {
        if (bytes > fewBytes) return draw(bytes)
        if (given + bytes > pool.length) [pool, given] = [draw(poolBytes), 0]
        const its = Buffer.from(pool.subarray(given, given + bytes))
        pool.fill(0, given, given + bytes)
        given += bytes
        return its
    }
}
