/**
 * HTTP routes of the operator for reading versions, and for the strength of their marks before a release. Only
 * investigators see which marks belong to which recipient.
 */
import { shownApproval } from "../../trust/approvals/actions.ts"
import type { Effects } from "../../trust/approvals/approval.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { readinessOf } from "../../trust/partners/keys/actions/manage-keys.ts"

import { findingsOf } from "../artifacts/actions/validate-artifact.ts"
import { effectsOfWave } from "../release/actions.ts"
import { waveOf } from "../waves/actions.ts"
import { goingOutOf, strengthFor } from "./actions/estimate-strength.ts"
import { alternativesToSign } from "./actions/set-alternatives.ts"
import { readByTwo } from "./actions/limit-master-reads.ts"
import { type Text, asMaster, readOwn, readToRevise } from "./actions/read-staff-copy.ts"

import { byId } from "../../kernel/schemas.ts"
import {
    alternativeAnswer,
    alternativeParams,
    effectsAnswer,
    marksAnswer,
    readAnswer,
    readMasterArtifactAnswer,
    readMasterArtifactBody,
    strengthAnswer,
} from "./schemas.ts"

async function presented(ctx: ActionContext, { artifact, name, version, text, content }: Text) {
    const { findings, valid } = await findingsOf(ctx, artifact, version)
    return { id: artifact, name, version, text, content, findings: [...findings], valid }
}

const readingRoutes = [
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
        async (ask) => await presented(ask, await readOwn(ask, ask.params.id)),
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
        async (ask) => await presented(ask, await readToRevise(ask, ask.params.id)),
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
        async (ask) => {
            const { reason = "", approval: signed } = ask.body
            const { done, approval, master } = await readByTwo(ask, ask.params.id, reason, signed)
            const text = master && (await presented(ask, asMaster(master)))
            return { done, approval, master: text }
        },
    ),
]

/** Lists recipients without a usable key at the planned instant. */
async function unreadyFor(ctx: ActionContext, { recipients, at }: Effects) {
    const found = await readinessOf(ctx, recipients, Math.max(at ?? ctx.now, ctx.now))
    const list = [...found].map(([partner, readiness]) => ({ partner, readiness }))
    return list.filter(({ readiness }) => readiness !== "ready")
}

export const routes = [
    ...readingRoutes,
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
        async (ask) => {
            const effects = await effectsOfWave(ask, await waveOf(ask, ask.params.id))
            const { act, recipients, artifacts, at, detail, authors = [] } = effects
            const marks = await goingOutOf(ask, effects)
            return { act, recipients, artifacts, at, detail, authors, marks, unready: await unreadyFor(ask, effects) }
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
        async (ask) => {
            const { effects } = await shownApproval(ask, ask.params.id)
            return { marks: await goingOutOf(ask, effects), unready: await unreadyFor(ask, effects) }
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
        async (ask) => {
            const { version, alternatives } = await alternativesToSign(ask, ask.params.id, ask.params.artifact)
            return { version, alternatives: alternatives.map(({ kind, forms }) => ({ kind, forms: [...forms] })) }
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
        async (ask) => {
            const found = await strengthFor(ask, ask.params.id, null)
            const errors = found?.errors.map((error) => ({ ...error, merged: [...error.merged] })) ?? []
            return { strength: found && { ...found, errors }, isPolledMarked: ask.services.marksPolled }
        },
    ),
]
