/**
 * Rehearses a wave: releases it on the real case for the real partners, then rolls everything back.
 *
 * Nothing is stored, sent or readable afterwards; only the rehearsal itself is recorded. Obstacles are listed and do
 * not stop the rehearsal, so it works before anyone signs. Without a case, a dummy case is opened, rehearsed and rolled
 * back.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { dryRun } from "../../../kernel/dry-run.ts"
import { applyApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ArtifactVersion, Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { listUsableKeys } from "../../../trust/partners/keys/actions/manage-keys.ts"
import { loadSeal } from "../../../trust/partners/keys/actions/seal-copy.ts"
import { type PartnerKey, keysForFile } from "../../../trust/partners/keys/key.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { addArtifact } from "../../artifacts/actions/add-artifact.ts"
import { listArtifacts, loadMaster } from "../../artifacts/actions/load-artifacts.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { type ArtifactClass, artifactClasses } from "../../artifacts/artifact.ts"
import { findClosure, findEmbargoEnd } from "../../cases/actions/load-case.ts"
import { openCase } from "../../cases/actions/open-case.ts"
import { agreeEmbargo, endEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import { assertOpen } from "../../cases/case.ts"
import { type Entitlement, loadMatrix } from "../../entitlement/actions/decide-access.ts"
import { makeCopyFor } from "../../marking/actions/mark-copy.ts"
import { loadWaveEffects } from "../../release/actions/compute-effects.ts"
import { areClocksDistrusted } from "../../release/actions/guard-clocks.ts"
import {
    markWaveReleased,
    loadDefaultSchedule,
    planWaves,
    endFreeze,
    loadWave,
    listWaves,
} from "../../waves/actions.ts"
import { type Wave, type WaveTier, plannedAt, wavesIn } from "../../waves/wave.ts"
import { listNotices } from "../notices/store/notices.ts"
import { createNotices } from "../notices/actions/create-notices.ts"

/** What would stop the wave (`partner` null), or keep one recipient from its content. */
export interface Obstacle {
    readonly partner: string | null
    /** The code of the refusal. */
    readonly code: string
}

export interface RehearsedRecipient {
    readonly partner: string
    /** How many persons would get a notice. */
    readonly notices: number
    /** What the partner could fetch at that instant. */
    readonly artifacts: readonly ArtifactVersion[]
}

export interface Rehearsal {
    /** When the wave would be released: at its planned instant, or now if that has passed. */
    readonly at: Instant
    readonly artifacts: readonly ArtifactVersion[]
    readonly recipients: readonly RehearsedRecipient[]
    readonly obstacles: readonly Obstacle[]
    /** The duration in milliseconds of wall-clock time. */
    readonly ms: number
}

/** Rehearses a wave of a case. Refuses `delivery.already_released`. */
export async function rehearseWave(ctx: ActionContext, id: string): Promise<Rehearsal> {
    const wave = await loadWave(ctx, id)
    if (wave.releasedAt !== null)
        refuse("conflict", "delivery.already_released", "this wave is already released: rehearse one that is not")
    const planned = plannedAt(wave, await findEmbargoEnd(ctx, wave.case))
    const at = Math.max(ctx.now, planned ?? ctx.now)
    const later: ActionContext = {
        ...ctx,
        now: at,
        actor: { kind: "system", component: "rehearsing" },
        services: withoutMail(ctx.services),
    }
    const began = ctx.services.realNow()
    const outcome = await dryRun(ctx.tx, () => releaseOnce(later, wave))
    const ms = ctx.services.realNow() - began
    const { artifacts, recipients, obstacles } = outcome
    const counts = { artifacts: artifacts.length, recipients: recipients.length, obstacles: obstacles.length }
    await record(ctx, { kind: "wave.rehearsed", case: wave.case, wave: id, for: at, ...counts })
    return { at, ...outcome, ms }
}

export interface DummyRehearsal {
    readonly at: Instant
    readonly classes: readonly ArtifactClass[]
    readonly recipients: readonly (Omit<RehearsedRecipient, "artifacts"> & {
        readonly classes: readonly ArtifactClass[]
    })[]
    readonly obstacles: readonly Obstacle[]
    readonly ms: number
}

/**
 * Rehearses a wave of the default schedule on a dummy case with one artifact of each class. Refuses
 * `delivery.wave_not_found`.
 */
export async function rehearseDummyWave(ctx: ActionContext, tier: WaveTier): Promise<DummyRehearsal> {
    const quiet: ActionContext = { ...ctx, services: withoutMail(ctx.services) }
    const began = ctx.services.realNow()
    const outcome = await dryRun(ctx.tx, async () => {
        const caseId = await openDummy(quiet)
        const wave = (await listWaves(quiet, caseId)).find((wave) => wave.tier === tier) ?? noSuchWave()
        const at = Math.max(ctx.now, plannedAt(wave, await findEmbargoEnd(quiet, caseId)) ?? ctx.now)
        const released = await releaseOnce(
            { ...quiet, now: at, actor: { kind: "system", component: "rehearsing" } },
            wave,
        )
        const classOf = new Map((await listArtifacts(quiet, caseId)).map((artifact) => [artifact.id, artifact.class]))
        const classesOf = (versions: readonly ArtifactVersion[]) =>
            artifactClasses.filter((artifactClass) =>
                versions.some(({ artifact }) => classOf.get(artifact) === artifactClass),
            )
        return {
            at,
            classes: classesOf(released.artifacts),
            recipients: released.recipients.map(({ artifacts, ...rest }) => ({
                ...rest,
                classes: classesOf(artifacts),
            })),
            // Approvals cannot exist for a dummy case.
            obstacles: released.obstacles.filter(({ code }) => code !== "approval.not_signed"),
        }
    })
    const ms = ctx.services.realNow() - began
    const { at, classes, recipients, obstacles } = outcome
    const counts = { artifacts: classes.length, recipients: recipients.length, obstacles: obstacles.length }
    await record(ctx, { kind: "wave.rehearsed", case: null, wave: null, tier, for: at, ...counts })
    return { ...outcome, ms }
}

/** Opens the dummy case. Its embargo is as long as the schedule needs and the rules allow. */
async function openDummy(ctx: ActionContext): Promise<string> {
    const vulnerabilities = [
        {
            cve: "CVE-1900-0000",
            cwe: "CWE-1",
            products: [],
            score: 0,
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N",
        },
    ]
    const caseId = await openCase(ctx, { title: "A rehearsal", vulnerabilities, finder: "" })
    const earliest = Math.min(-dayMs, ...wavesIn(await loadDefaultSchedule(ctx)).map((wave) => wave.offsetMs))
    const { daysMax } = (await loadRules(ctx, "embargo")).rules
    await agreeEmbargo(ctx, caseId, ctx.now + Math.min(0 - earliest, daysMax * dayMs))
    await planWaves(ctx, caseId)
    for (const kind of artifactClasses) {
        const labels = { tlp: "RED", pap: "RED" } as const
        await addArtifact(ctx, { ...labels, case: caseId, class: kind, name: `${kind}.md`, content: "A rehearsal.\n" })
    }
    return caseId
}

function noSuchWave(): never {
    refuse("missing", "delivery.wave_not_found", "no such wave in the default schedule: choose a tier with a wave")
}

/** Replaces mail by a function that throws: a rehearsal must not send anything. */
function withoutMail(services: ActionContext["services"]): ActionContext["services"] {
    const send = () => Promise.reject(new Error("a rehearsal sends nothing"))
    return { ...services, mail: { send } }
}

type RehearsalOutcome = Omit<Rehearsal, "at" | "ms">

async function releaseOnce(ctx: ActionContext, wave: Wave): Promise<RehearsalOutcome> {
    const effects = await loadWaveEffects(ctx, wave)
    const stopCodes = await listStopCodes(ctx, wave, effects)
    // A frozen wave is rehearsed as if it were unfrozen, since it is released only then.
    await endFreeze(ctx, wave, wave.approval ?? "")
    await markWaveReleased(ctx, wave, effects.artifacts)
    const endCode = wave.tier === "publication" ? await refusalCodeOf(endEmbargo(ctx, wave.case)) : null
    if (endCode !== null) stopCodes.push(endCode)
    const obstacles = stopCodes.map((code) => ({ partner: null, code }))
    await createNotices(ctx, { case: wave.case, wave: wave.id }, effects.recipients)
    const notices = Map.groupBy(await listNotices(ctx.tx, [wave.id]), (notice) => notice.partner)
    const { entitlements } = await loadMatrix(ctx, wave.case)
    const opened = new Set(effects.artifacts.map((artifactVersion) => artifactVersion.artifact))
    const readable = Map.groupBy(
        entitlements.filter((entitlement) => entitlement.version !== null && opened.has(entitlement.artifact)),
        (entitlement) => entitlement.partner,
    )
    const recipients = effects.recipients.map((partner) => ({
        partner,
        notices: notices.get(partner)?.length ?? 0,
        artifacts: (readable.get(partner) ?? []).flatMap(({ artifact, version }) =>
            version === null ? [] : [{ artifact, version }],
        ),
    }))
    const otherObstacles: Obstacle[] = []
    for (const recipient of recipients) otherObstacles.push(...(await listObstacles(ctx, recipient)))
    const copies = await listCopyObstacles(ctx, effects.artifacts, [...readable.values()].flat())
    return { artifacts: effects.artifacts, recipients, obstacles: [...obstacles, ...copies, ...otherObstacles] }
}

/** Returns the codes with which the release would be refused now. */
async function listStopCodes(ctx: ActionContext, wave: Wave, effects: Effects): Promise<string[]> {
    const { approval } = wave
    const found = [
        await refusalCodeOf(findClosure(ctx, wave.case).then(assertOpen)),
        wave.frozenAt !== null && approval === null ? "wave.frozen" : null,
        (await areClocksDistrusted(ctx)) ? "release.clocks_distrusted" : null,
        effects.artifacts.length === 0 ? "release.no_recipients" : null,
        await refusalCodeOf(assertValid(ctx, effects.artifacts)),
        approval === null ? "approval.not_signed" : await refusalCodeOf(applyApproval(ctx, approval, effects)),
    ]
    return found.filter((item) => item !== null)
}

async function listObstacles(
    ctx: ActionContext,
    { partner, notices, artifacts }: RehearsedRecipient,
): Promise<Obstacle[]> {
    const codes = [
        notices === 0 ? "delivery.no_address" : null,
        artifacts.length === 0 ? "delivery.nothing_to_read" : null,
        (await listUsableKeys(ctx, partner, ctx.now)).length === 0 ? "delivery.no_key" : null,
    ]
    return codes.filter((code) => code !== null).map((code) => ({ partner, code }))
}

/** Marks and seals one copy of each artifact for one reader, and discards it. */
async function listCopyObstacles(
    ctx: ActionContext,
    artifacts: readonly ArtifactVersion[],
    readers: readonly Entitlement[],
): Promise<Obstacle[]> {
    const found: Obstacle[] = []
    for (const { artifact, version } of artifacts) {
        for (const { partner } of readers.filter((entitlement) => entitlement.artifact === artifact)) {
            const keys = keysForFile(await listUsableKeys(ctx, partner, ctx.now), null)
            if (keys.length === 0) continue
            const code = await refusalCodeOf(makeCopy(ctx, { artifact, version }, partner, keys))
            if (code !== null) found.push({ partner, code })
            break
        }
    }
    return found
}

async function makeCopy(
    ctx: ActionContext,
    artifactVersion: ArtifactVersion,
    partner: string,
    keys: readonly PartnerKey[],
): Promise<void> {
    const { seal } = await loadSeal(ctx, keys)
    const { artifact, version } = artifactVersion
    await seal(await makeCopyFor(ctx, await loadMaster(ctx, artifact, version), partner))
}

/** Returns the code of the refusal, or null where the work succeeds. */
async function refusalCodeOf(work: Promise<unknown>): Promise<string | null> {
    try {
        await work
        return null
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}
