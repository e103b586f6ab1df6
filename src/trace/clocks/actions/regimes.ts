/** The regimes: as shipped, until the operator writes a version of its own; and those that it added. */
import { createHash } from "node:crypto"
import { canonical } from "../../../lib/canonical.ts"
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { type Regime, kept, mustBeRegime } from "../regime.ts"
import { shippedRegimes } from "../shipped.ts"
import * as store from "../store.ts"

export interface RegimeNow {
    readonly id: string
    /** 0: as shipped. */
    readonly version: number
    readonly regime: Regime
    readonly by: string | null
    readonly at: Instant | null
}

const regimesMax = 100

/** The newest version of each, by its id. */
export async function regimesNow(act: Act): Promise<RegimeNow[]> {
    const shipped = Object.entries(shippedRegimes).map(([id, regime]) => ({
        id,
        version: 0,
        regime,
        by: null,
        at: null,
    }))
    const all = new Map<string, RegimeNow>(shipped.map((one) => [one.id, one]))
    for (const row of await store.newestRegimes(act.tx)) all.set(row.id, row)
    return [...all.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Refuses `regime.not_found`. */
export async function regimeNow(act: Act, id: string): Promise<RegimeNow> {
    const found = (await regimesNow(act)).find((one) => one.id === id)
    return found ?? refuse("missing", "regime.not_found", "no such regime")
}

/** Writes a version; what runs goes on as it started. Returns its number, or the present one where nothing changes. */
export async function setRegime(act: Act, id: string, said: Regime): Promise<number> {
    mustBeRegime(id, said)
    const regime = kept(said)
    await lockToChangeProgram(act.tx)
    const all = await regimesNow(act)
    const before = all.find((one) => one.id === id)
    if (before && canonical(before.regime) === canonical(regime)) return before.version
    if (!before && !(all.length < regimesMax)) {
        refuse("conflict", "regime.too_many", `there are \`${regimesMax}\` regimes at most`)
    }
    const version = (before?.version ?? 0) + 1
    await store.insertRegime(act.tx, { id, version, regime, by: personOf(act.actor), at: act.now })
    await record(act, { kind: "regime.set", regime: id, version, state: regime.state, sha256: hashOf(regime) })
    return version
}

/** What a regime says, for the record, which holds no words. */
export function hashOf(regime: Regime): string {
    return createHash("sha256").update(canonical(regime)).digest("hex")
}
