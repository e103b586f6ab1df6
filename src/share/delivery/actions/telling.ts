/** Which waves of a case are done, who has still to be told, and telling those anew. */
import { refuse } from "../../../lib/refusal.ts"
import { lockToChangeProgram } from "../../../platform/locks.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { partnersWithoutPersons } from "../../../trust/partners/actions/circles.ts"
import { type Entitlement, matrixOf } from "../../entitlement/actions/entitlements.ts"
import { opensFor } from "../../release/actions.ts"
import { openedBy, waveOf, wavesOf } from "../../waves/actions.ts"
import type { Wave } from "../../waves/wave.ts"
import * as store from "../store.ts"
import { type Told, nobodyYet, toldOf } from "../told.ts"
import { tellOfWave } from "./filtering.ts"

/** By the waves' ids. */
export async function toldByWaves(act: Act, caseId: string): Promise<Map<string, Told>> {
    const waves = await wavesOf(act, caseId)
    const released = await releasedAmong(act, caseId, waves)
    return new Map(waves.map(({ id }) => [id, released.get(id)?.told ?? nobodyYet]))
}

interface Released {
    readonly told: Told
    /** Partners that may have something by the wave now. */
    readonly entitled: readonly string[]
}

async function releasedAmong(act: Act, caseId: string, waves: readonly Wave[]): Promise<Map<string, Released>> {
    const found = new Map<string, Released>()
    const fallen = waves.filter((wave) => wave.releasedAt !== null)
    if (fallen.length === 0) return found
    const { entitlements } = await matrixOf(act, caseId)
    const opened = Map.groupBy(await openedBy(act, caseId), (one) => one.wave)
    const ids = fallen.map(({ id }) => id)
    const notices = Map.groupBy(await store.notices(act.tx, ids), (one) => one.wave)
    for (const wave of fallen) {
        const handed = new Set((opened.get(wave.id) ?? []).map((one) => one.artifact))
        const entitled = entitledBy(wave, handed, entitlements)
        const its = notices.get(wave.id) ?? []
        const reached = new Set(
            its.filter(({ state }) => state === "sent" || state === "due").map((one) => one.partner),
        )
        const unreached = entitled.filter((one) => !reached.has(one))
        const withoutPersons = await partnersWithoutPersons(act, unreached, caseId)
        const told = toldOf({ entitled, withoutPersons, isFrozen: wave.frozenAt !== null }, its)
        found.set(wave.id, { told, entitled })
    }
    return found
}

function entitledBy(wave: Wave, handed: ReadonlySet<string>, all: readonly Entitlement[]): string[] {
    const its = all.filter((one) => handed.has(one.artifact) && !one.decision.recalled && opensFor(one, wave))
    return [...new Set(its.map((one) => one.partner))].toSorted()
}

/** Those who wait are told: notices that were never made are, and those that could not be sent are tried anew. */
export async function tellAnew(act: Act, id: string): Promise<Told> {
    await lockToChangeProgram(act.tx)
    const wave = await waveOf(act, id)
    if (wave.releasedAt === null)
        refuse("conflict", "delivery.not_released", "this wave has not fallen: nobody is told")
    const { waiting } = (await toldByWaves(act, wave.case)).get(id) ?? nobodyYet
    const recipients = waiting.filter(({ why }) => why !== "no address").map((one) => one.partner)
    const told = await tellOfWave(act, { case: wave.case, wave: id }, recipients)
    if (told.length > 0) {
        await record(act, { kind: "notice.resent", case: wave.case, wave: id, recipients: told })
    }
    return (await toldByWaves(act, wave.case)).get(id) ?? nobodyYet
}

/** The case names other products now: whoever was not told of a wave by its own filter, and wants to be now, is told. */
export async function tellConcerned(act: Act, caseId: string): Promise<void> {
    for (const [wave, { told, entitled }] of await releasedAmong(act, caseId, await wavesOf(act, caseId))) {
        const may = told.filtered.filter((partner) => entitled.includes(partner))
        await tellOfWave(act, { case: caseId, wave }, may)
    }
}
