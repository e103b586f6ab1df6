/** Follows the receipt log: compares what the server shows with the largest log that this browser has seen. */
import { acceptCheckpoint, acceptNoCheckpoint, type ConsistencySource, type KnownLog } from "@tocsin/client/log"
import { Refusal } from "@tocsin/base/refusal"

/** The largest log seen, with its signed checkpoint as evidence. */
export interface KeptLog extends KnownLog {
    readonly checkpoint: string
}

/** The checkpoint that the server shows. */
export interface ShownLog {
    readonly verifierKey: string
    readonly checkpoint: string
}

export type LogVerdict =
    /** `continues`: the size of the log that was kept; null: none was. `log` null: there is no batch yet. */
    | { readonly kind: "sound"; readonly log: KeptLog | null; readonly continues: number | null }
    | {
          readonly kind: "behind" | "forked" | "other_key" | "unsigned"
          readonly kept: KeptLog | null
          readonly shown: ShownLog | null
      }

const kinds: Readonly<Record<string, "behind" | "forked" | "other_key">> = {
    "client.log_behind": "behind",
    "client.log_forked": "forked",
    "client.log_key_mismatch": "other_key",
}

/** `shown` null: the server shows no batch. Throws what the request for the proof throws. */
export async function followLog(
    kept: KeptLog | null,
    shown: ShownLog | null,
    source: ConsistencySource,
): Promise<LogVerdict> {
    try {
        if (shown === null) {
            acceptNoCheckpoint(kept)
            return { kind: "sound", log: null, continues: null }
        }
        const accepted = await acceptCheckpoint(kept, shown, source)
        const isNew = kept === null || accepted.size > kept.size
        const log = isNew ? { ...accepted, checkpoint: shown.checkpoint } : kept
        return { kind: "sound", log, continues: kept?.size ?? null }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { kind: kinds[error.code] ?? "unsigned", kept, shown }
    }
}

/** Reads what a browser stored; null: it is not a log. */
export function readKept(text: string | null): KeptLog | null {
    try {
        const { verifierKey, size, root, checkpoint } = JSON.parse(text ?? "null") as Partial<KeptLog>
        const isWhole = [verifierKey, root, checkpoint].every((field) => typeof field === "string")
        return isWhole && Number.isSafeInteger(size) ? ({ verifierKey, size, root, checkpoint } as KeptLog) : null
    } catch {
        return null
    }
}

/** Both checkpoints, for people who judge the difference. */
export const evidenceOf = (kept: KeptLog | null, shown: ShownLog | null): string =>
    `${JSON.stringify({ kept, shown }, null, 4)}\n`
