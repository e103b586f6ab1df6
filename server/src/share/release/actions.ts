/**
 * The release of waves. A wave is released when its instant has come by trusted clocks, a second person has signed its
 * effects, and it is not frozen. The worker checks this state repeatedly; there is no timer.
 *
 * The signature is an upper limit. If the effects now exceed it (a changed artifact, other disclosed facts, another
 * partner), the approval is voided and the wave waits for a new one.
 */
import type { Instant } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import type { Services } from "../../kernel/services.ts"
import { lockToChangeProgram } from "../../kernel/locks.ts"
import type { BackgroundJob } from "../../kernel/worker.ts"
import { approval, approvalsOf, requestApproval, voidApproval } from "../../trust/approvals/actions.ts"
import { type ArtifactVersion, type Effects, lapsesAt, stateOf } from "../../trust/approvals/approval.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { type Artifact, artifactsOf } from "../artifacts/actions.ts"
import { assertValid } from "../artifacts/actions/validate-artifact.ts"
import {
    closedCases,
    closingOf,
    heldPublicationOf,
    publicationOf,
    publicationsOf,
    revisionOf,
} from "../cases/actions.ts"
import { endEmbargo } from "../cases/actions/negotiate-embargo.ts"
import { isKnownAsExploited } from "../cases/actions/set-exploitation.ts"
import { assertOpen } from "../cases/case.ts"
import { type Entitlement, decisionsAmong, matrixOf } from "../entitlement/actions/decide-access.ts"
import { armWave, lockFreeWave, lockWave, openWave, voidOpenApproval, thawWave, wavesOf } from "../waves/actions.ts"
import { type Wave, plannedAt } from "../waves/wave.ts"
import { isFrozen, mayRelease } from "./actions/guard-clocks.ts"
import { dueWaves, releaseJob } from "./actions/release-due.ts"
import { useAsRead, withDenial } from "./actions/load-public-texts.ts"
import { effectsOf } from "./effects.ts"

/**
 * Returns what the wave would do if it were released now, for one partner or (null) for all. Refuses
 * `release.no_embargo`.
 */
export async function effectsOfWave(ctx: ActionContext, wave: Wave, partner: string | null = null): Promise<Effects> {
    const at = plannedAt(wave, await publicationOf(ctx, wave.case))
    if (at === null)
        refuse("conflict", "release.no_embargo", "no embargo agreed: agree one before you request a release")
    const artifacts = (await artifactsOf(ctx, wave.case)).filter((artifact) => !artifact.recalled)
    const out = new Set(artifacts.map((artifact) => artifact.id))
    // Partners with overdue requirements or an open invitation are included. If they gain access by their own act, the
    // effects then do not exceed the signature.
    const { entitlements } = await matrixOf(ctx, wave.case, { nothingOverdue: true, partner })
    const effects = effectsOf({
        wave: wave.id,
        tier: wave.tier,
        revision: await revisionOf(ctx, wave.case),
        at,
        artifacts: artifacts.map((artifact) => ({
            artifact: artifact.id,
            version: artifact.version,
            author: artifact.versionBy,
        })),
        entitled: entitlements.filter((entitlement) => out.has(entitlement.artifact) && opensFor(entitlement, wave)),
    })
    return wave.tier === "publication" ? await withDenial(ctx, wave.case, effects) : effects
}

/** Whether the wave gives this artifact to this partner. */
export function opensFor(
    { decision, class: artifactClass }: Pick<Entitlement, "decision" | "class">,
    { tier }: Pick<Wave, "tier">,
): boolean {
    return decision.gives === artifactClass && decision.waves.includes(tier)
}

/**
 * Returns the recipients without those from which a report of exploitation withholds everything. A notice would reveal
 * to them that something exists.
 */
export async function recipientsNow(
    ctx: ActionContext,
    caseId: string,
    { recipients, artifacts }: Pick<Effects, "recipients" | "artifacts">,
    opens: (entitlement: Entitlement) => boolean,
): Promise<readonly string[]> {
    if (!(await isKnownAsExploited(ctx, caseId))) return recipients
    const out = new Set(artifacts.map((artifactVersion) => artifactVersion.artifact))
    const { entitlements } = await matrixOf(ctx, caseId, { nothingOverdue: true, asReported: true })
    const reached = new Set(
        entitlements
            .filter((entitlement) => out.has(entitlement.artifact) && opens(entitlement))
            .map((entitlement) => entitlement.partner),
    )
    return recipients.filter((recipient) => reached.has(recipient))
}

/**
 * Requests the second signature; returns the approval's id. Once signed, the wave is released at its instant. Refuses
 * `release.already_released`, `release.no_recipients`.
 */
export async function requestRelease(ctx: ActionContext, id: string): Promise<string> {
    const wave = await lockWave(ctx, id)
    assertOpen(await closingOf(ctx, wave.case))
    if (wave.releasedAt !== null) refuse("conflict", "release.already_released", "this wave is already released")
    const effects = await effectsOfWave(ctx, wave)
    if (effects.artifacts.length === 0) {
        refuse("conflict", "release.no_recipients", "this wave has no recipients: no partner would get an artifact")
    }
    await assertValid(ctx, effects.artifacts)
    if (wave.approval !== null) await voidOpenApproval(ctx, wave.approval, "superseded")
    const value = await requestApproval(ctx, effects)
    await armWave(ctx, id, value)
    await record(ctx, { kind: "wave.approval_requested", case: wave.case, wave: id, approval: value })
    return value
}

/** Releases the waves whose instant has come, each in a transaction of its own. */
export const releaseWavesJob: BackgroundJob = { name: releaseJob, run: releaseDue }

async function releaseDue(services: Services): Promise<boolean> {
    const due = await services.db.transaction(async (tx) => {
        const ctx = await actOf(services, tx)
        return (await isFrozen(ctx)) ? [] : await dueWaves(ctx, ctx.now)
    })
    for (const { wave } of due) {
        try {
            await services.db.transaction(async (tx) => {
                // The lock comes before the time is read, so that no concurrent change is later than this time.
                await lockToChangeProgram(tx)
                await release(await actOf(services, tx), wave.id)
            })
        } catch (error) {
            if (!(error instanceof Refusal)) {
                services.log.error("release failed", { id: wave.id, error: String(error) })
                continue
            }
            await services.db.transaction(async (tx) => await disarm(await actOf(services, tx), wave, error.code))
            services.log.error("a due wave was not released: it needs a new signature", {
                id: wave.id,
                code: error.code,
            })
        }
    }
    return false
}

async function actOf(services: Services, tx: ActionContext["tx"]): Promise<ActionContext> {
    return { tx, now: await services.clock.now(tx), services, actor: { kind: "system", step: "releasing" } }
}

export interface Unsigned {
    readonly wave: Wave
    readonly at: Instant
    /** When the approval was voided or expired; null where none was requested. */
    readonly fellAt: Instant | null
}

/**
 * Lists waves that would open something and that have no requested or signed approval: those due before `until`, and
 * those whose approval was voided or expired.
 */
export async function unsignedWaves(ctx: ActionContext, until: Instant): Promise<Unsigned[]> {
    const open = await openWaves(ctx)
    const approvals = await approvalsOf(
        ctx,
        open.flatMap(({ wave }) => wave.approval ?? []),
    )
    const unsigned = open.flatMap(({ wave, at }) => {
        if (at === null || wave.releasedAt !== null || wave.frozenAt !== null) return []
        const approval = wave.approval === null ? null : (approvals.get(wave.approval) ?? null)
        const state = approval && stateOf(approval, ctx.now)
        if (state === "signed" || state === "requested") return []
        const fellAt = approval && (approval.voidedAt ?? lapsesAt(approval))
        return at > until && fellAt === null ? [] : [{ wave, at, fellAt }]
    })
    const opening = await wavesThatOpen(
        ctx,
        unsigned.map(({ wave }) => wave),
    )
    return unsigned.filter(({ wave }) => opening.has(wave.id))
}

export interface OpenWave {
    readonly wave: Wave
    /** The planned instant; null where no end of the embargo is agreed. */
    readonly at: Instant | null
}

/** Lists the waves of all cases that are not closed, released or not, in three statements. */
export async function openWaves(ctx: ActionContext): Promise<OpenWave[]> {
    const [waves, closed] = [await wavesOf(ctx, null), await closedCases(ctx)]
    const open = waves.filter((wave) => !closed.has(wave.case))
    const publications = await publicationsOf(ctx, [...new Set(open.map((wave) => wave.case))])
    return open.map((wave) => ({ wave, at: plannedAt(wave, publications.get(wave.case) ?? null) }))
}

/** Returns the ids of the waves that would open something for some partner now. Decides all of them together. */
export async function wavesThatOpen(ctx: ActionContext, waves: readonly Wave[]): Promise<ReadonlySet<string>> {
    const byCase = Map.groupBy(waves, (wave) => wave.case)
    const opening = new Set<string>()
    for (const { case: caseId, class: artifactClass, decisions } of await decisionsAmong(ctx, new Set(byCase.keys()))) {
        for (const wave of byCase.get(caseId) ?? []) {
            if (decisions.some((decision) => opensFor({ decision, class: artifactClass }, wave))) opening.add(wave.id)
        }
    }
    return opening
}

async function isSigned(ctx: ActionContext, id: string): Promise<boolean> {
    const { signedAt, usedAt, voidedAt } = await approval(ctx, id)
    return signedAt !== null && usedAt === null && voidedAt === null
}

/**
 * Releases one wave under the program's lock, in full or not at all. Publication ends the embargo in the same
 * transaction.
 */
async function release(ctx: ActionContext, id: string): Promise<void> {
    const wave = await lockFreeWave(ctx, id)
    if (wave === null) return
    const at = plannedAt(wave, await heldPublicationOf(ctx, wave.case))
    if (wave.releasedAt !== null || wave.approval === null) return
    if (at === null || at > ctx.now || !(await isSigned(ctx, wave.approval))) return
    assertOpen(await closingOf(ctx, wave.case))
    if (!(await mayRelease(ctx))) return
    const effects = await effectsOfWave(ctx, wave)
    const used = await useAsRead(ctx, wave.approval, effects)
    const opened = stillNewest(used.effects.artifacts, await artifactsOf(ctx, wave.case))
    // The signed request is later than the freeze, since a freeze voids earlier approvals.
    await thawWave(ctx, wave, used.id)
    await openWave(ctx, wave, opened)
    if (wave.tier === "publication") await endEmbargo(ctx, wave.case)
    await record(ctx, {
        kind: "wave.released",
        case: wave.case,
        wave: id,
        tier: wave.tier,
        plannedAt: at,
        approval: used.id,
        recipients: await recipientsNow(ctx, wave.case, effects, (entitlement) => opensFor(entitlement, wave)),
        artifacts: opened.map((artifactVersion) => `${artifactVersion.artifact}:${artifactVersion.version}`),
    })
}

/**
 * Returns the signed versions that are still the newest and not recalled. They open even where no partner has access
 * now, for partners that are reinstated later.
 */
export function stillNewest(signed: readonly ArtifactVersion[], artifacts: readonly Artifact[]): ArtifactVersion[] {
    const newest = new Map(
        artifacts.filter((artifact) => !artifact.recalled).map((artifact) => [artifact.id, artifact.version]),
    )
    return signed.filter((artifactVersion) => newest.get(artifactVersion.artifact) === artifactVersion.version)
}

/**
 * Voids an approval that the effects exceed. The wave keeps it and waits for a new one. A newer approval stays valid.
 */
export async function disarm(ctx: ActionContext, { id, approval }: Wave, code: string): Promise<void> {
    const wave = await lockFreeWave(ctx, id)
    if (wave === null || approval === null || wave.approval !== approval || wave.releasedAt !== null) return
    await voidApproval(ctx, approval, "changed")
    await record(ctx, { kind: "wave.approval_voided", case: wave.case, wave: id, code })
}
