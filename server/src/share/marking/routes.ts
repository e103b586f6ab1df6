/**
 * HTTP routes of the operator for reading versions, and for the strength of their marks before a release. Only
 * investigators see which marks belong to which recipient.
 */
import { loadVisibleApproval } from "../../trust/approvals/actions/load-approvals.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { loadReadiness } from "../../trust/partners/keys/actions/manage-keys.ts"

import { validateVersion } from "../artifacts/actions/validate-artifact.ts"
import { loadWaveEffects } from "../release/actions/compute-effects.ts"
import { loadWave } from "../waves/actions.ts"
import { checkDraftText } from "./actions/check-draft.ts"
import { listVersionMarkings, estimateStrength } from "./actions/estimate-strength.ts"
import { estimatePackages } from "./actions/estimate-packages.ts"
import { listAlternativesToSign } from "./actions/list-alternatives.ts"
import { readWithConsent } from "./actions/limit-master-reads.ts"
import { type VersionText, masterText, readStaffCopy, readToRevise } from "./actions/read-staff-copy.ts"

import { byId } from "../../kernel/schemas.ts"
import {
    alternativeAnswer,
    alternativeParams,
    checkDraftAnswer,
    checkDraftBody,
    effectsAnswer,
    marksAnswer,
    packageStrengthAnswer,
    readAnswer,
    readMasterArtifactAnswer,
    readMasterArtifactBody,
    strengthAnswer,
} from "./schemas.ts"

async function presentText(ctx: ActionContext, { artifact, name, version, textKind, content }: VersionText) {
    const { issues: findings, valid } = await validateVersion(ctx, artifact, version)
    return { id: artifact, name, version, textKind, content, findings: [...findings], valid }
}

const readRoutes = [
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}",
            side: "console",
            permission: "artifact:read",
            summary:
                "Returns the newest version with its issues: the master for its author, a marked copy for " +
                "others; records the read",
            params: byId,
            answer: readAnswer,
        },
        async (ctx) => await presentText(ctx, await readStaffCopy(ctx, ctx.params.id)),
    ),
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}/master",
            side: "console",
            permission: "artifact:write",
            summary:
                "Returns the newest master to an author who writes the next version; recorded as a read without marks",
            params: byId,
            answer: readAnswer,
        },
        async (ctx) => await presentText(ctx, await readToRevise(ctx, ctx.params.id)),
    ),
]

const draftRoutes = [
    route(
        {
            method: "POST",
            path: "/api/artifacts/check",
            side: "console",
            permission: "artifact:write",
            summary:
                "Checks a text that is not saved: its issues, its slots, the text without marks, and an example copy",
            bodyMax: 5 * 1024 * 1024,
            body: checkDraftBody,
            answer: checkDraftAnswer,
        },
        async (ctx) => {
            const { issues, slots, ...checked } = await checkDraftText(ctx, ctx.body)
            return {
                ...checked,
                findings: [...issues],
                slots: slots.map(({ ranges, forms, ...slot }) => ({ ...slot, ranges: [...ranges], forms: [...forms] })),
            }
        },
    ),
]

const consentRoutes = [
    route(
        {
            method: "POST",
            path: "/api/artifacts/{id}/read-master",
            side: "console",
            permission: "artifact:read",
            summary:
                "Requests a second person's consent for one read of the newest master; with it, reads the master once",
            params: byId,
            body: readMasterArtifactBody,
            answer: readMasterArtifactAnswer,
        },
        async (ctx) => {
            const { reason = "", approval: signed } = ctx.body
            const { done, approval, master } = await readWithConsent(ctx, ctx.params.id, reason, signed)
            const text = master && (await presentText(ctx, masterText(master)))
            return { done, approval, master: text }
        },
    ),
]

/** Lists recipients without a usable key at the planned instant. */
async function listUnready(ctx: ActionContext, { recipients, at }: Effects) {
    const found = await loadReadiness(ctx, recipients, Math.max(at ?? ctx.now, ctx.now))
    const list = [...found].map(([partner, readiness]) => ({ partner, readiness }))
    return list.filter(({ readiness }) => readiness !== "ready")
}

export const routes = [
    ...readRoutes,
    ...draftRoutes,
    ...consentRoutes,
    route(
        {
            method: "GET",
            path: "/api/waves/{id}/effects",
            side: "console",
            permission: "wave:read",
            summary: "Previews a wave: recipients, artifact versions, instant, and which versions are unmarked",
            params: byId,
            answer: effectsAnswer,
        },
        async (ctx) => {
            const effects = await loadWaveEffects(ctx, await loadWave(ctx, ctx.params.id))
            const { action, recipients, artifacts, at, detail, authors = [] } = effects
            const marks = await listVersionMarkings(ctx, effects)
            return {
                action,
                recipients,
                artifacts,
                at,
                detail,
                authors,
                marks,
                unready: await listUnready(ctx, effects),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/marks",
            side: "console",
            permission: "wave:read",
            summary: "Lists the unmarked versions of an approval, and the partners without a key",
            params: byId,
            answer: marksAnswer,
        },
        async (ctx) => {
            const { effects } = await loadVisibleApproval(ctx, ctx.params.id)
            return { marks: await listVersionMarkings(ctx, effects), unready: await listUnready(ctx, effects) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/approvals/{id}/alternatives/{artifact}",
            side: "console",
            permission: "approval:sign",
            summary:
                "Lists the alternatives of a text to release, for a person who can sign it; recorded and " +
                "limited as a read of the master",
            params: alternativeParams,
            answer: alternativeAnswer,
        },
        async (ctx) => {
            const { version, alternatives } = await listAlternativesToSign(ctx, ctx.params.id, ctx.params.artifact)
            return { version, alternatives: alternatives.map(({ kind, forms }) => ({ kind, forms: [...forms] })) }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/cases/{id}/package-strength",
            side: "console",
            permission: "artifact:read",
            summary:
                "Counts the slots of a case's artifacts, and estimates the marks of all artifacts that a partner " +
                "gets together",
            params: byId,
            answer: packageStrengthAnswer,
        },
        async (ctx) => {
            const { packages, files, ...rest } = await estimatePackages(ctx, ctx.params.id)
            return {
                ...rest,
                files: [...files],
                packages: packages.map(({ artifacts, merged, ...found }) => ({
                    ...found,
                    artifacts: [...artifacts],
                    merged: [...merged],
                })),
            }
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/artifacts/{id}/strength",
            side: "console",
            permission: "artifact:read",
            summary: "Estimates the marks of an artifact's newest version; null where its class carries none",
            params: byId,
            answer: strengthAnswer,
        },
        async (ctx) => {
            const found = await estimateStrength(ctx, ctx.params.id, null)
            const errors = found?.errors.map((error) => ({ ...error, merged: [...error.merged] })) ?? []
            return { strength: found && { ...found, errors }, isPolledMarked: ctx.services.marksTaxiiTexts }
        },
    ),
]
