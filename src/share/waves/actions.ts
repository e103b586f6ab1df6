/** Plans a case's waves and freezes them. What a wave opens, and when, is the release's to decide. */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { lockToChangeProgram } from "../../platform/locks.ts"
import { approval, voidApproval } from "../../trust/approvals/actions.ts"
import { type Act, record } from "../../trust/audit/actions.ts"
import { caseFile } from "../cases/actions.ts"
import * as store from "./store.ts"
import { type Wave, type WaveTier, shippedOffsets, waveTiers } from "./wave.ts"

/** Plans the shipped waves of a case: 14 days, 5 days and 24 hours before publication, and publication. */
export async function planWaves(act: Act, caseId: string): Promise<void> {
    await caseFile(act, caseId)
    if ((await store.waves(act.tx, caseId)).length > 0) {
        refuse("conflict", "wave.planned_already", "this case has its waves already")
    }
    for (const tier of waveTiers) {
        const id = act.doors.newId()
        await store.insertWave(act.tx, { id, case: caseId, tier, offsetMs: shippedOffsets[tier] })
        await record(act, { kind: "wave.planned", case: caseId, wave: id, tier, offsetMs: shippedOffsets[tier] })
    }
}

/** The waves of one case (null: of all), the earliest first. */
export async function wavesOf(act: Act, caseId: string | null): Promise<Wave[]> {
    return await store.waves(act.tx, caseId)
}

/** Which artifact versions the released waves of one case (null: of all) opened. */
export async function openedBy(act: Act, caseId: string | null): Promise<(store.Opened & Released)[]> {
    return await store.opened(act.tx, caseId)
}

export interface Released {
    readonly tier: WaveTier
    readonly at: Instant
}

/** One person stops a wave that has not fallen; thawing takes two, and is an approval for the release anew. */
export async function freezeWave(act: Act, id: string): Promise<void> {
    await lockToChangeProgram(act.tx)
    const wave = await lockWave(act, id)
    if (wave.releasedAt !== null) refuse("conflict", "wave.released", "this wave has fallen: it cannot be frozen")
    if (wave.frozenAt !== null) return
    await store.setFrozen(act.tx, id, act.now)
    await store.setApproval(act.tx, id, null)
    if (wave.approval !== null) await withdraw(act, wave.approval)
    await record(act, { kind: "wave.frozen", case: wave.case, wave: id })
}

async function withdraw(act: Act, id: string): Promise<void> {
    const { usedAt, voidedAt } = await approval(act, id)
    if (usedAt === null && voidedAt === null) await voidApproval(act, id, "withdrawn")
}

/** The wave, held until the transaction ends. */
export async function lockWave(act: Act, id: string): Promise<Wave> {
    const wave = await lockFreeWave(act, id)
    if (wave) return wave
    await waveOf(act, id)
    refuse("conflict", "wave.busy", "this wave is being changed; try again")
}

/** As `lockWave`, and null where another transaction holds it: for whoever looks again soon. */
export async function lockFreeWave(act: Act, id: string): Promise<Wave | null> {
    return (await store.lockWave(act.tx, id)) ?? null
}

/** The wave, for a look. */
export async function waveOf(act: Act, id: string): Promise<Wave> {
    return (await store.wave(act.tx, id)) ?? refuse("missing", "wave.unknown", "no such wave")
}

/** An approval was asked for, or fell; a frozen wave thaws by a new one. */
export async function armWave(act: Act, id: string, approval: string | null): Promise<void> {
    await store.setApproval(act.tx, id, approval)
    if (approval !== null) await store.setFrozen(act.tx, id, null)
}

/** The first gate opens, once, for exactly these versions. The release records it. */
export async function openWave(
    act: Act,
    wave: Wave,
    versions: readonly Pick<store.Opened, "artifact" | "version">[],
): Promise<void> {
    await store.setReleased(act.tx, wave.id, act.now)
    await store.insertOpened(
        act.tx,
        versions.map(({ artifact, version }) => ({ wave: wave.id, artifact, version })),
    )
}
