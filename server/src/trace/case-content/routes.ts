/** Routes of a case's content: its deletion and its legal hold. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { DeferredAnswer } from "../../kernel/route.ts"
import { byId } from "../../kernel/schemas.ts"
import { deleteContent, loadContentStatus } from "./actions/delete-content.ts"
import { liftCaseHold, placeHold } from "../../share/cases/actions/hold-case.ts"
import { refuseNeeded } from "./case-content.ts"
import { contentAnswer, holdAnswer, holdBody, requestAnswer, requestBody } from "./schemas.ts"

const common = { side: "console", params: byId } as const

export const routes = [
    route(
        {
            ...common,
            method: "GET",
            path: "/api/cases/{id}/content",
            permission: "case:read",
            summary: "Returns whether the content of a case was deleted, its legal hold, and what prevents a deletion",
            answer: contentAnswer,
        },
        async (ctx) => {
            const { deletion, hold, obstacles } = await loadContentStatus(ctx, ctx.params.id)
            return {
                deletion: deletion && { at: formatInstant(deletion.at), people: [...deletion.people] },
                hold: hold && { ...hold, setAt: formatInstant(hold.setAt) },
                obstacles: [...obstacles],
            }
        },
    ),
    route(
        {
            ...common,
            method: "POST",
            path: "/api/cases/{id}/hold",
            permission: "case:hold",
            summary: "Places a legal hold: nothing of the case can be deleted until two people lift it",
            creates: true,
            body: holdBody,
            answer: holdAnswer,
        },
        async ({ params, body, ...ctx }) => ({ hold: await placeHold(ctx, params.id, body.reason) }),
    ),
    route(
        {
            ...common,
            method: "POST",
            path: "/api/cases/{id}/hold/lift",
            permission: "case:hold",
            summary: "Requests the end of a legal hold; with the signed approval, lifts the hold",
            body: requestBody,
            answer: requestAnswer,
        },
        async ({ params, body, ...ctx }) => ({ ...(await liftCaseHold(ctx, params.id, body)) }),
    ),
    route(
        {
            ...common,
            method: "POST",
            path: "/api/cases/{id}/delete-content",
            permission: "case:delete",
            summary:
                "Requests the deletion of a case's content; with the signed approval, destroys the case's data key, " +
                "and keeps the records",
            body: requestBody,
            answer: requestAnswer,
        },
        async ({ params, body, ...ctx }) => {
            const { isNeeded, ...outcome } = await deleteContent(ctx, params.id, body)
            return isNeeded ? new DeferredAnswer(async () => refuseNeeded()) : outcome
        },
    ),
]
