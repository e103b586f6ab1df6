/** The route that deletes evidence. */
import { route } from "../../../kernel/action-context.ts"
import { DeferredAnswer } from "../../../kernel/route.ts"
import { byId } from "../../../kernel/schemas.ts"
import { refuseNeeded } from "../../evidence/retention.ts"
import { deleteEvidence } from "../actions/delete-evidence.ts"
import { deleteEvidenceAnswer, deleteEvidenceBody } from "../schemas.ts"

export const deleteEvidenceRoute = route(
    {
        side: "console",
        method: "POST",
        path: "/api/evidence/{id}/delete",
        permission: "evidence:write",
        summary:
            "Requests the deletion of evidence; with the signed approval, destroys its content, text and " +
            "key, and keeps its hash and chain of custody",
        params: byId,
        body: deleteEvidenceBody,
        answer: deleteEvidenceAnswer,
    },
    async ({ params, body, ...ctx }) => {
        const { isNeeded, ...outcome } = await deleteEvidence(ctx, params.id, body)
        return isNeeded ? new DeferredAnswer(async () => refuseNeeded()) : outcome
    },
)
