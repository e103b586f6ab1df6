/** The high-water file of a process that asks the key process for it. The key process also compares the database. */
import type { KeyProcess } from "../platform/key-process/remote-keys.ts"
import { type FileState, type GuardResult, type HighWaterFile, quarantineFlag } from "./high-water.ts"

/** A comparison after a restore ends much access again. */
const guardMsMax = 60_000
const triesMax = 20
/** Without a comparison for so long, a database that was set back could be served. */
const uncheckedMsMax = 15_000

/** The file as the key process reads it, and a digest that says whether it has changed since. */
export interface ReadFile {
    readonly file: FileState
    readonly digest: string
}

export function remoteHighWater({ ask }: Pick<KeyProcess, "ask">): HighWaterFile {
    let comparedAt = performance.now()
    const load = async () => (await ask({ do: "read_high_water" })) as ReadFile
    return {
        ...quarantineFlag(),
        isCompared: () => performance.now() - comparedAt < uncheckedMsMax,
        guardElsewhere: async () => {
            const askedAt = performance.now()
            const result = (await ask({ do: "guard" }, guardMsMax)) as GuardResult
            comparedAt = askedAt
            return result
        },
        read: async () => (await load()).file,
        change: async (nextOf) => {
            for (let tries = 0; tries < triesMax; tries++) {
                const { file, digest } = await load()
                const next = nextOf(file)
                if (next === null) return
                if ((await ask({ do: "change_high_water", before: digest, next })) === true) return
            }
            throw new Error("the high-water file changes too often")
        },
        renameDamaged: () => Promise.reject(new Error("only the key process renames the file")),
    }
}
