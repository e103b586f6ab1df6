/** HTTP route of the operator that recalls an artifact, which takes one person. */
import { route } from "../../../kernel/action-context.ts"
import { recallArtifact } from "../actions/recall-artifact.ts"

import { byId } from "../../../kernel/schemas.ts"
import { newRecallBody } from "../schemas.ts"

export const recallRoutes = [
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/artifacts/{id}/recalls",
            permission: "artifact:recall",
            summary: "Recalls an artifact or one version: no partner can read it from now on; takes one person",
            creates: true,
            params: byId,
            body: newRecallBody,
            answer: byId,
        },
        async (ask) => ({ id: await recallArtifact(ask, ask.params.id, ask.body) }),
    ),
]
