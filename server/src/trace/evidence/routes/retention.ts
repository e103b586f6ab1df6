/** Routes of notes, similarity and legal holds. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { formatInstant } from "@tocsin/base/instant"
import { addNote, setHold } from "../actions/hold-evidence.ts"
import { findSimilarEvidence } from "../actions/find-similar.ts"
import { noteKinds } from "../retention.ts"
import { byId, closed, id } from "../../../kernel/schemas.ts"
import { similarAnswer } from "../schemas.ts"

const common = {
    side: "console",
    method: "POST",
    permission: "evidence:write",
    params: byId,
} as const

export const retentionRoutes = [
    route(
        {
            ...common,
            method: "GET",
            path: "/api/evidence/{id}/similar",
            permission: "evidence:read",
            summary: "Lists similar evidence and public texts, and records the read",
            answer: similarAnswer,
        },
        async (ctx) => {
            const { identical, similar, inPublic, withoutFingerprints } = await findSimilarEvidence(ctx, ctx.params.id)
            const publicMatch = inPublic && { ...inPublic, publicSince: formatInstant(inPublic.publicSince) }
            return { identical: [...identical], similar: [...similar], inPublic: publicMatch, withoutFingerprints }
        },
    ),
    route(
        {
            ...common,
            permission: "evidence:write",
            path: "/api/evidence/{id}/notes",
            summary: "Adds a note on licence, handling or anything else; notes never change",
            creates: true,
            body: Type.Object({ about: Type.Enum([...noteKinds]), text: Type.String() }, closed),
            answer: Type.Object({ note: id }),
        },
        async ({ params, body, ...ctx }) => ({ note: await addNote(ctx, params.id, body.about, body.text) }),
    ),
    route(
        {
            ...common,
            permission: "evidence:write",
            path: "/api/evidence/{id}/hold",
            summary: "Sets a legal hold: the evidence cannot be deleted until two people lift it",
            creates: true,
            body: Type.Object({ reason: Type.String() }, closed),
            answer: Type.Object({ hold: id }),
        },
        async ({ params, body, ...ctx }) => ({ hold: await setHold(ctx, params.id, body.reason) }),
    ),
]
