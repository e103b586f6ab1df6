/** Loads and stores regimes: built-in ones, the operator's versions of them, and its own. */
import { createHash } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToChangeProgram } from "../../../kernel/locks.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { type Regime, normalizeRegime, validateRegime } from "../regime.ts"
import { shippedRegimes } from "../built-in-regimes.ts"
import * as store from "../store.ts"

export interface CurrentRegime {
    readonly id: string
    /** 0 is the built-in version. */
    readonly version: number
    readonly regime: Regime
    readonly by: string | null
    readonly at: Instant | null
}

const regimesMax = 100

/** Lists the newest version of each regime, by id. */
export async function listRegimes(ctx: ActionContext): Promise<CurrentRegime[]> {
    const shipped = Object.entries(shippedRegimes).map(([id, regime]) => ({
        id,
        version: 0,
        regime,
        by: null,
        at: null,
    }))
    const regimes = new Map<string, CurrentRegime>(shipped.map((item) => [item.id, item]))
    for (const row of await store.listNewestRegimes(ctx.tx)) regimes.set(row.id, row)
    return [...regimes.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Loads a regime. Refuses `regime.not_found`. */
export async function loadRegime(ctx: ActionContext, id: string): Promise<CurrentRegime> {
    const found = (await listRegimes(ctx)).find((current) => current.id === id)
    return found ?? refuse("missing", "regime.not_found", "no such regime")
}

/** Stores a version; running clocks stay unchanged. Returns its number, or the current number where nothing changes. */
export async function setRegime(ctx: ActionContext, id: string, newRegime: Regime): Promise<number> {
    validateRegime(id, newRegime)
    const regime = normalizeRegime(newRegime)
    await lockToChangeProgram(ctx.tx)
    const regimes = await listRegimes(ctx)
    const before = regimes.find((current) => current.id === id)
    if (before && canonical(before.regime) === canonical(regime)) return before.version
    if (!before && !(regimes.length < regimesMax)) {
        refuse("conflict", "regime.too_many", `the limit is \`${regimesMax}\` regimes`, { max: regimesMax })
    }
    const version = (before?.version ?? 0) + 1
    await store.insertRegime(ctx.tx, { id, version, regime, by: personOf(ctx.actor), at: ctx.now })
    await record(ctx, { kind: "regime.set", regime: id, version, state: regime.state, sha256: hashOf(regime) })
    return version
}

/** Hashes a regime for the audit log, which holds no text. */
export function hashOf(regime: Regime): string {
    return createHash("sha256").update(canonical(regime)).digest("hex")
}
