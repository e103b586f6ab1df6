/** Reads attributions. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import type { Attribution, AttributionResult } from "../attribution.ts"
import { decryptForEvidence, loadEvidence } from "../../evidence/actions/load-evidence.ts"
import * as store from "../store.ts"
import { type LeakViewPart, type SlotState, cutLeakView, slotStates } from "../leak-view.ts"
import { findMaster } from "../../../share/artifacts/actions/load-artifacts.ts"
import { countMasterRead } from "../../../share/marking/actions/limit-master-reads.ts"
import { findDeliveredMarks } from "../../../share/marking/actions/mark-copy.ts"
import { rawText } from "@tocsin/marks/carriers/resolved-text"
import { refuse } from "@tocsin/base/refusal"

/** Lists the attributions of one piece of evidence, newest first. Records the read. */
export async function readAttributions(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    await loadEvidence(ctx, evidence)
    const attributions = await listAttributions(ctx, evidence)
    await record(ctx, { kind: "attribution.read", evidence }, true)
    return attributions
}

/** Lists the attributions of one piece of evidence. The caller records the read. */
export async function listAttributions(ctx: ActionContext, evidence: string): Promise<Attribution[]> {
    const attributions: Attribution[] = []
    for (const row of await store.listAttributions(ctx.tx, evidence))
        attributions.push(await decryptAttribution(ctx, row))
    return attributions
}

/** The parts of the master that a leak shows, and the state of each slot in the master's order. */
interface LeakView {
    readonly parts: readonly LeakViewPart[]
    readonly slots: readonly SlotState[]
}

/**
 * Returns the parts of the master around the slots that the leak shows, with each slot as it was read. Returns none
 * where the text fits no delivered version, or the content of its case was deleted. Records the read with the version,
 * because the reader sees these parts without marks. Counts as a read of the master. Refuses `attribution.not_found`
 * and `mark.too_many_reads`.
 */
export async function readLeakView(ctx: ActionContext, id: string): Promise<LeakView> {
    const { evidence, result } = await loadAttribution(ctx, id)
    const { best } = result
    const master = best && (await findMaster(ctx, best.artifact, best.version))
    if (master !== null) await countMasterRead(ctx, master)
    const artifactVersion = best && { artifact: best.artifact, version: best.version }
    await record(ctx, { kind: "attribution.read", evidence, ...artifactVersion }, true)
    const marks = master && (await findDeliveredMarks(ctx, master))
    if (best === null || master === null || marks === null) return { parts: [], slots: [] }
    return {
        parts: cutLeakView(rawText(master.content), marks.slots, best.symbols),
        slots: slotStates(marks.slots, best.symbols),
    }
}

/** Loads one attribution. The caller records the read. Refuses `attribution.not_found`. */
export async function loadAttribution(ctx: ActionContext, id: string): Promise<Attribution> {
    const row = await store.findAttribution(ctx.tx, id)
    return row ? await decryptAttribution(ctx, row) : refuse("missing", "attribution.not_found", "no such attribution")
}

async function decryptAttribution(ctx: ActionContext, row: store.AttributionRow): Promise<Attribution> {
    const { id, evidence, verdict, at, created_by: createdBy } = row
    const text = await decryptForEvidence(ctx, evidence, `attributions.result:${id}`, row.result_ciphertext)
    return { id, evidence, verdict, at, createdBy, result: JSON.parse(text) as AttributionResult }
}
