/**
 * Rehearses a wave: releases it on the real case for the real partners, then rolls everything back.
 *
 * Nothing is stored, sent or readable afterwards; only the rehearsal itself is recorded. Obstacles are listed and do
 * not stop the rehearsal, so it works before anyone signs. Without a case, a dummy case is opened, rehearsed and rolled
 * back.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { sealFor } from "../../../platform/crypto/seal.ts"
import { inTrial } from "../../../kernel/dry-run.ts"
import { useApproval } from "../../../trust/approvals/actions.ts"
import type { ArtifactVersion, Effects } from "../../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { keysOf } from "../../../trust/partners/keys/actions/manage-keys.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { addArtifact, artifactsOf, masterOf } from "../../artifacts/actions.ts"
import { assertValid } from "../../artifacts/actions/validate-artifact.ts"
import { type ArtifactClass, artifactClasses } from "../../artifacts/artifact.ts"
import { closingOf, openCase, publicationOf } from "../../cases/actions.ts"
import { agreeEmbargo, endEmbargo } from "../../cases/actions/negotiate-embargo.ts"
import { assertOpen } from "../../cases/case.ts"
import { type Entitlement, matrixOf } from "../../entitlement/actions/decide-access.ts"
import { copyFor } from "../../marking/actions.ts"
import { effectsOfWave } from "../../release/actions.ts"
import { isFrozen } from "../../release/actions/guard-clocks.ts"
import { openWave, planInForce, planWaves, thawWave, waveOf, wavesOf } from "../../waves/actions.ts"
import { type Wave, type WaveTier, plannedAt, wavesIn } from "../../waves/wave.ts"
import { listNotices } from "../notices/store/notices.ts"
import { makeNotices } from "../notices/actions/create-notices.ts"

/** What would stop the wave (`partner` null), or keep one recipient from its content. */
export interface Obstacle {
    readonly partner: string | null
    /** The code of the refusal. */
    readonly code: string
}

export interface Reader {
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
    readonly recipients: readonly Reader[]
    readonly obstacles: readonly Obstacle[]
    /** The duration in milliseconds of wall-clock time. */
    readonly ms: number
}

/** Rehearses a wave of a case. Refuses `delivery.already_released`. */
export async function rehearse(ctx: ActionContext, id: string): Promise<Rehearsal> {
    const wave = await waveOf(ctx, id)
    if (wave.releasedAt !== null)
        refuse("conflict", "delivery.already_released", "this wave is already released: rehearse one that is not")
    const planned = plannedAt(wave, await publicationOf(ctx, wave.case))
    const at = Math.max(ctx.now, planned ?? ctx.now)
    const then: ActionContext = {
        ...ctx,
        now: at,
        actor: { kind: "system", step: "rehearsing" },
        services: silent(ctx.services),
    }
    const began = ctx.services.realNow()
    const outcome = await inTrial(ctx.tx, () => releaseOnce(then, wave))
    const ms = ctx.services.realNow() - began
    const { artifacts, recipients, obstacles } = outcome
    const counts = { artifacts: artifacts.length, recipients: recipients.length, obstacles: obstacles.length }
    await record(ctx, { kind: "wave.rehearsed", case: wave.case, wave: id, for: at, ...counts })
    return { at, ...outcome, ms }
}

export interface DummyRehearsal {
    readonly at: Instant
    readonly classes: readonly ArtifactClass[]
    readonly recipients: readonly (Omit<Reader, "artifacts"> & { readonly classes: readonly ArtifactClass[] })[]
    readonly obstacles: readonly Obstacle[]
    readonly ms: number
}

/**
 * Rehearses a wave of the default schedule on a dummy case with one artifact of each class. Refuses
 * `delivery.wave_not_found`.
 */
export async function rehearseDummy(ctx: ActionContext, tier: WaveTier): Promise<DummyRehearsal> {
    const quiet: ActionContext = { ...ctx, services: silent(ctx.services) }
    const began = ctx.services.realNow()
    const outcome = await inTrial(ctx.tx, async () => {
        const caseId = await openDummy(quiet)
        const wave = (await wavesOf(quiet, caseId)).find((wave) => wave.tier === tier) ?? noSuchWave()
        const at = Math.max(ctx.now, plannedAt(wave, await publicationOf(quiet, caseId)) ?? ctx.now)
        const fallen = await releaseOnce({ ...quiet, now: at, actor: { kind: "system", step: "rehearsing" } }, wave)
        const classOf = new Map((await artifactsOf(quiet, caseId)).map((artifact) => [artifact.id, artifact.class]))
        const classesOf = (versions: readonly ArtifactVersion[]) =>
            artifactClasses.filter((artifactClass) =>
                versions.some(({ artifact }) => classOf.get(artifact) === artifactClass),
            )
        return {
            at,
            classes: classesOf(fallen.artifacts),
            recipients: fallen.recipients.map(({ artifacts, ...rest }) => ({ ...rest, classes: classesOf(artifacts) })),
            // Approvals cannot exist for a dummy case.
            obstacles: fallen.obstacles.filter(({ code }) => code !== "approval.not_signed"),
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
    const earliest = Math.min(-dayMs, ...wavesIn(await planInForce(ctx)).map((wave) => wave.offsetMs))
    const { daysMax } = (await rulesNow(ctx, "embargo")).rules
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
function silent(services: ActionContext["services"]): ActionContext["services"] {
    const send = () => Promise.reject(new Error("a rehearsal sends nothing"))
    return { ...services, mail: { send } }
}

type Outcome = Omit<Rehearsal, "at" | "ms">

async function releaseOnce(ctx: ActionContext, wave: Wave): Promise<Outcome> {
    const effects = await effectsOfWave(ctx, wave)
    const stops = await stopsOf(ctx, wave, effects)
    // A frozen wave is rehearsed as if it were unfrozen, since it is released only then.
    await thawWave(ctx, wave, wave.approval ?? "")
    await openWave(ctx, wave, effects.artifacts)
    const ending = wave.tier === "publication" ? await codeOf(endEmbargo(ctx, wave.case)) : null
    if (ending !== null) stops.push(ending)
    const obstacles = stops.map((code) => ({ partner: null, code }))
    await makeNotices(ctx, { case: wave.case, wave: wave.id }, effects.recipients)
    const notices = Map.groupBy(await listNotices(ctx.tx, [wave.id]), (notified) => notified.partner)
    const { entitlements } = await matrixOf(ctx, wave.case)
    const opened = new Set(effects.artifacts.map((artifactVersion) => artifactVersion.artifact))
    const read = Map.groupBy(
        entitlements.filter((entitlement) => entitlement.version !== null && opened.has(entitlement.artifact)),
        (entitlement) => entitlement.partner,
    )
    const recipients = effects.recipients.map((partner) => ({
        partner,
        notices: notices.get(partner)?.length ?? 0,
        artifacts: (read.get(partner) ?? []).flatMap(({ artifact, version }) =>
            version === null ? [] : [{ artifact, version }],
        ),
    }))
    const otherObstacles: Obstacle[] = []
    for (const recipient of recipients) otherObstacles.push(...(await obstaclesOf(ctx, recipient)))
    const copies = await copyObstacles(ctx, effects.artifacts, [...read.values()].flat())
    return { artifacts: effects.artifacts, recipients, obstacles: [...obstacles, ...copies, ...otherObstacles] }
}

/** Returns the codes with which the release would be refused now. */
async function stopsOf(ctx: ActionContext, wave: Wave, effects: Effects): Promise<string[]> {
    const { approval } = wave
    const found = [
        await codeOf(closingOf(ctx, wave.case).then(assertOpen)),
        wave.frozenAt !== null && approval === null ? "wave.frozen" : null,
        (await isFrozen(ctx)) ? "release.clocks_distrusted" : null,
        effects.artifacts.length === 0 ? "release.no_recipients" : null,
        await codeOf(assertValid(ctx, effects.artifacts)),
        approval === null ? "approval.not_signed" : await codeOf(useApproval(ctx, approval, effects)),
    ]
    return found.filter((item) => item !== null)
}

async function obstaclesOf(ctx: ActionContext, { partner, notices, artifacts }: Reader): Promise<Obstacle[]> {
    const codes = [
        notices === 0 ? "delivery.no_address" : null,
        artifacts.length === 0 ? "delivery.nothing_to_read" : null,
        (await keysOf(ctx, partner, ctx.now)).length === 0 ? "delivery.no_key" : null,
    ]
    return codes.filter((code) => code !== null).map((code) => ({ partner, code }))
}

/** Marks and seals one copy of each artifact for one reader, and discards it. */
async function copyObstacles(
    ctx: ActionContext,
    artifacts: readonly ArtifactVersion[],
    readers: readonly Entitlement[],
): Promise<Obstacle[]> {
    const found: Obstacle[] = []
    for (const { artifact, version } of artifacts) {
        for (const { partner } of readers.filter((entitlement) => entitlement.artifact === artifact)) {
            const keys = await keysOf(ctx, partner, ctx.now)
            if (keys.length === 0) continue
            const code = await codeOf(makeCopy(ctx, { artifact, version }, partner, keys))
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
    keys: readonly string[],
): Promise<void> {
    sealFor(keys, await copyFor(ctx, await masterOf(ctx, artifactVersion.artifact, artifactVersion.version), partner))
}

/** Returns the code of the refusal, or null where the work succeeds. */
async function codeOf(work: Promise<unknown>): Promise<string | null> {
    try {
        await work
        return null
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}
