/** What is said of evidence after it was filed, over HTTP: notes, and the legal hold. */
import { Type } from "typebox"
import { route } from "../../../kernel/action-context.ts"
import { formatInstant } from "@tocsin/base/instant"
import { addNote, setHold } from "../actions/hold-evidence.ts"
import { likenessOf } from "../actions/find-similar.ts"
import { noteKinds } from "../retention.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const common = {
    side: "console",
    method: "POST",
    permission: "evidence:write",
    params: Type.Object({ id }, closed),
} as const

export const keepingRoutes = [
    route(
        {
            ...common,
            method: "GET",
            path: "/api/evidence/{id}/similar",
            permission: "evidence:read",
            summary:
                "Which other evidence is the same or says nearly the same, and what of it is public; the look is on record",
            answer: Type.Object({
                equals: Type.Array(id),
                alike: Type.Array(
                    Type.Object({ evidence: id, percentOfThis: Type.Integer(), percentOfOther: Type.Integer() }),
                ),
                inPublic: Type.Union([
                    Type.Object({
                        advisory: Type.String(),
                        publicSince: Type.String(),
                        percent: Type.Integer(),
                        /** All of it, and since before it was seen. */
                        isPublic: Type.Boolean(),
                    }),
                    Type.Null(),
                ]),
                /** How many other leaks were not compared yet: each look compares some of them. */
                waiting: Type.Integer(),
            }),
        },
        async (ask) => {
            const { equals, alike, inPublic, waiting } = await likenessOf(ask, ask.params.id)
            const since = inPublic && { ...inPublic, publicSince: formatInstant(inPublic.publicSince) }
            return { equals: [...equals], alike: [...alike], inPublic: since, waiting }
        },
    ),
    route(
        {
            ...common,
            permission: "evidence:write",
            path: "/api/evidence/{id}/notes",
            summary:
                "Adds what is to be known of its licence or its handling, or anything else; nothing is ever changed",
            creates: true,
            body: Type.Object(
                { about: Type.Union(noteKinds.map((noteKind) => Type.Literal(noteKind))), text: Type.String() },
                closed,
            ),
            answer: Type.Object({ note: id }),
        },
        async ({ params, body, ...ctx }) => ({ note: await addNote(ctx, params.id, body.about, body.text) }),
    ),
    route(
        {
            ...common,
            permission: "evidence:write",
            path: "/api/evidence/{id}/hold",
            summary: "Puts it under legal hold: it cannot be deleted until two people have lifted that",
            creates: true,
            body: Type.Object({ reason: Type.String() }, closed),
            answer: Type.Object({ hold: id }),
        },
        async ({ params, body, ...ctx }) => ({ hold: await setHold(ctx, params.id, body.reason) }),
    ),
]
